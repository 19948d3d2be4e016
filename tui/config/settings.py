"""What a person may set: every setting with its default, how its value is written, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.live.window.limits import WindowLimits
from engine.runtime.limits import Limits
from engine.units import NEVER, exact_duration, exact_size, parse_count, parse_count_or_never
from tui.config.values import guest_memory, time_limit, window_size

THEME = "fluvio-dark"
KEYS = "keys"
"""The table of a config file whose keys are the ids of bindings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force."""

    theme: str = THEME
    window: WindowLimits = field(default_factory=WindowLimits)
    limits: Limits = field(default_factory=Limits)
    keys: Mapping[str, str] = field(default_factory=dict)
    """The keys, separated by commas, of bindings whose keys are not the default ones, by id."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, apart from keys: its name, and how it goes into and out of `Settings`."""

    name: str
    """As it is shown: the table of the config file, a dot, and the key in it."""
    about: str
    parse: Callable[[str], Any]
    """Of what a person wrote; `InvalidValueError` says why not."""
    get: Callable[[Settings], Any]
    put: Callable[[Settings, Any], Settings]
    write: Callable[[Any], str | int] = str
    """A value as it stands in a config file."""

    def written(self, settings: Settings) -> str | int:
        """The value in `settings`, as it stands in a config file."""
        return self.write(self.get(settings))


SETTINGS = (
    Setting(
        "theme",
        "The colours: fluvio-dark, fluvio-light, or a theme of Textual's.",
        str,
        lambda settings: settings.theme,
        lambda settings, value: replace(settings, theme=value),
    ),
    Setting(
        "window.rows",
        "How many of a topic's last records the dashboard keeps, and every filter has evaluated.",
        parse_count,
        lambda settings: settings.window.rows,
        lambda settings, value: replace(settings, window=replace(settings.window, rows=value)),
        int,
    ),
    Setting(
        "window.bytes",
        "How much room they may take; fewer records are kept where this is reached first.",
        window_size,
        lambda settings: settings.window.bytes,
        lambda settings, value: replace(settings, window=replace(settings.window, bytes=value)),
        exact_size,
    ),
    Setting(
        "limits.record-time",
        "How long a filter may take for one record before it is given the verdict timeout.",
        time_limit,
        lambda settings: settings.limits.record_seconds,
        lambda settings, value: replace(settings, limits=replace(settings.limits, record_seconds=value)),
        exact_duration,
    ),
    Setting(
        "limits.memory",
        "How much memory a filter may have.",
        guest_memory,
        lambda settings: settings.limits.memory_bytes,
        lambda settings, value: replace(settings, limits=replace(settings.limits, memory_bytes=value)),
        exact_size,
    ),
    Setting(
        "limits.max-faults",
        "How many traps and timeouts in a row stop a filter; 'never' lets it go on.",
        parse_count_or_never,
        lambda settings: settings.limits.faults_in_a_row or 0,
        lambda settings, value: replace(
            settings, limits=replace(settings.limits, faults_in_a_row=value or None)
        ),
        lambda count: count or NEVER,
    ),
    Setting(
        "limits.compile-time",
        "How much computing a stored SmartStream may take to be compiled.",
        time_limit,
        lambda settings: settings.limits.compile_seconds,
        lambda settings, value: replace(settings, limits=replace(settings.limits, compile_seconds=value)),
        exact_duration,
    ),
)
