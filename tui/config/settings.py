"""Every setting: its default, how its value is read and written, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from engine import units
from engine.live.window.limits import WindowLimits
from engine.runtime.limits import Limits
from tui.config import values

THEME = "fluvio-dark"
FORMATS = "formats"
COLUMNS = "columns"
"""The tables of a config file whose keys are topics."""
KEYS = "keys"
"""The table of a config file whose keys are the ids of actions."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in use."""

    theme: str = THEME
    window: WindowLimits = field(default_factory=WindowLimits)
    limits: Limits = field(default_factory=Limits)
    formats: Mapping[str, str] = field(default_factory=dict)
    """By topic: the name of its values' format, if it is not to be detected."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """By topic: the columns of its rows, as `--columns` takes them, if they are not to be guessed."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By action id: its keys, separated by commas, if they are not the default ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, apart from keys."""

    name: str
    """The table of the config file, a dot, and the key in it."""
    about: str
    path: str
    """The attribute of `Settings`, with dots."""
    parse: Callable[[str], Any] = str
    """Raises `InvalidValueError`."""
    write: Callable[[Any], str | int] = str

    def written(self, settings: Settings) -> str | int:
        """The value in `settings`, as it stands in a config file."""
        return self.write(attrgetter(self.path)(settings))

    def put(self, settings: Settings, value: Any) -> Settings:
        """The settings with another value."""
        group, dot, attribute = self.path.partition(".")
        if dot:
            value = replace(getattr(settings, group), **{attribute: value})
        return replace(settings, **{group: value})


SETTINGS = (
    Setting(
        name="theme",
        about="The colors: fluvio-dark, fluvio-light, or a theme of Textual.",
        path="theme",
    ),
    Setting(
        name="window.rows",
        about="How many of a topic's newest records the dashboard loads and every filter evaluates.",
        path="window.rows",
        parse=units.parse_count,
        write=int,
    ),
    Setting(
        name="window.bytes",
        about="How much memory these records may take; if it is reached first, fewer are loaded.",
        path="window.bytes",
        parse=values.window_size,
        write=units.exact_size,
    ),
    Setting(
        name="limits.record-time",
        about="How much CPU time a filter may take for one record before the verdict is timeout.",
        path="limits.record_seconds",
        parse=values.time_limit,
        write=units.exact_duration,
    ),
    Setting(
        name="limits.memory",
        about="How much memory a filter may use.",
        path="limits.memory_bytes",
        parse=values.guest_memory,
        write=units.exact_size,
    ),
    Setting(
        name="limits.output-size",
        about="How large what a SmartStream makes of one record may be.",
        path="limits.output_bytes",
        parse=values.output_size,
        write=units.exact_size,
    ),
    Setting(
        name="limits.max-faults",
        about="How many traps and timeouts in a row stop a filter, or never.",
        path="limits.faults_in_a_row",
        parse=lambda text: units.parse_count_or_never(text) or None,
        write=lambda count: count or units.NEVER,
    ),
    Setting(
        name="limits.compile-time",
        about="How much CPU time the compilation of a stored SmartStream may take.",
        path="limits.compile_seconds",
        parse=values.time_limit,
        write=units.exact_duration,
    ),
    Setting(
        name="limits.build-time",
        about="How much CPU time each process of a build may take, in whole seconds.",
        path="limits.build_seconds",
        parse=values.build_time,
        write=units.exact_duration,
    ),
    Setting(
        name="limits.build-memory",
        about="How much memory each process of a build may use.",
        path="limits.build_bytes",
        parse=values.build_memory,
        write=units.exact_size,
    ),
    Setting(
        name="limits.crates-time",
        about="How much CPU time each process may take that compiles the crates of a file, once.",
        path="limits.crates_seconds",
        parse=values.build_time,
        write=units.exact_duration,
    ),
    Setting(
        name="limits.crates-memory",
        about="How much memory each process may use that compiles the crates of a file.",
        path="limits.crates_bytes",
        parse=values.build_memory,
        write=units.exact_size,
    ),
)
