"""The config file: where it is, what it says, and what is wrong with it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engine.units import InvalidValueError
from tui.config.settings import KEYS, SETTINGS, Setting, Settings

CONFIG = "FLUVIO_TUI_CONFIG"
"""The environment variable that names another config file."""
LARGEST = 1 << 20
"""Bytes of a config file at most."""

_DEFAULTS = Settings()
_TABLES = {KEYS} | {setting.name.partition(".")[0] for setting in SETTINGS if "." in setting.name}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file as it was read."""

    path: Path
    exists: bool = False
    settings: Settings = _DEFAULTS
    """What it says, and the defaults for what it does not say or says wrongly."""
    given: frozenset[str] = frozenset()
    """The names of the settings that are as it says; of keys, `keys.` and the id."""
    problems: tuple[str, ...] = ()
    """What is wrong with it: each a sentence without a full stop, which names the file."""


def config_path() -> Path:
    """Where the config file is, or would be."""
    chosen = os.environ.get(CONFIG)
    if chosen:
        # The home folder of nobody that there is stays as it was written.
        with suppress(RuntimeError):
            return Path(chosen).expanduser()
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("fluvio-tui", appauthor=False) / "config.toml"


def read_config(path: Path | None = None) -> ConfigFile:
    """What the config file says; whatever is wrong with it is among its `problems`."""
    path = path or config_path()
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except FileNotFoundError:
        # A person named that one, so it should be there.
        missing = (f"{path} does not exist, though {CONFIG} names it",) if os.environ.get(CONFIG) else ()
        return ConfigFile(path, problems=missing)
    except OSError as error:
        return _unusable(path, f"cannot be read: {error.strerror or error}")
    if len(octets) > LARGEST:
        return _unusable(path, f"is larger than {LARGEST >> 20} MiB")
    try:
        said = tomllib.loads(octets.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return _unusable(path, f"is not UTF-8 (at line {line})")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _unusable(path, f"is not TOML: {error}")
    return _understood(path, said)


def _unusable(path: Path, why: str) -> ConfigFile:
    return ConfigFile(path, exists=True, problems=(f"{path} {why}; the defaults are in force",))


def _understood(path: Path, said: Mapping[str, Any]) -> ConfigFile:
    known = {setting.name: setting for setting in SETTINGS}
    config = ConfigFile(path, exists=True)
    for name, value in _flat(said):
        if name in known:
            config = _with_setting(config, known[name], value)
        elif name.startswith(f"{KEYS}."):
            config = _with_keys(config, name, value)
        elif name in _TABLES:
            config = _complaining(config, f"{name} is a table: write [{name}], and below it what it holds")
        else:
            config = _complaining(config, f"{name} is no setting{_nearest(name, [*known])}")
    return config


def _flat(said: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value with its name in full; ids of bindings have dots too, with and without quotes."""
    for key, value in said.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _with_setting(config: ConfigFile, setting: Setting, value: object) -> ConfigFile:
    try:
        found = setting.parse(_text(value))
    except InvalidValueError as error:
        default = setting.written(_DEFAULTS)
        return _complaining(config, f"{setting.name}: {error.message}; {default} is in force")
    return replace(config, settings=setting.put(config.settings, found), given=config.given | {setting.name})


def _with_keys(config: ConfigFile, name: str, value: object) -> ConfigFile:
    if not isinstance(value, str):
        return _complaining(config, f'{name}: give keys as text, as in "p,space"; its own are in force')
    keys = {**config.settings.keys, name.removeprefix(f"{KEYS}."): value}
    return replace(config, settings=replace(config.settings, keys=keys), given=config.given | {name})


def _text(value: object) -> str:
    """A value as it would be typed at the command line, which has the same parsers."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidValueError("give a text or a number")
    return str(value)


def _complaining(config: ConfigFile, problem: str) -> ConfigFile:
    return replace(config, problems=(*config.problems, f"{config.path}: {problem}"))


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else ""
