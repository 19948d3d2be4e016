"""The config file, checked: the settings that it sets, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import did_you_mean
from engine.units import InvalidValueError
from tui.config.brokers import BROKER, BROKERS, Brokers, parse_brokers
from tui.config.content import flattened, read_content
from tui.config.settings import COLUMNS, FORMATS, KEYS, SETTINGS, Setting, Settings

_DEFAULTS = Settings()
_NAMES = [setting.name for setting in SETTINGS]
_TABLES = {FORMATS, COLUMNS, KEYS} | {
    setting.name.partition(".")[0] for setting in SETTINGS if "." in setting.name
}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file as it was read."""

    path: Path
    exists: bool = False
    settings: Settings = _DEFAULTS
    """Defaults replace what the file leaves out or has wrong."""
    given: frozenset[str] = frozenset()
    """The names of the settings that the file sets; `keys.` and an action's id, `formats.` or `columns.` and
    a topic."""
    brokers: Brokers = field(default_factory=Brokers)
    problems: tuple[str, ...] = ()
    """Sentences without a full stop that name the file."""

    def with_problem(self, problem: str) -> ConfigFile:
        return replace(self, problems=(*self.problems, f"{self.path}: {problem}"))


def read_config(path: Path | None = None) -> ConfigFile:
    """Read the config file; whatever is wrong with it is among its `problems`."""
    content = read_content(path)
    if content.problem:
        return ConfigFile(content.path, content.exists, problems=(content.problem,))
    return _parse(content.path, content.values) if content.exists else ConfigFile(content.path)


def _parse(path: Path, content: Mapping[str, Any]) -> ConfigFile:
    known = {setting.name: setting for setting in SETTINGS}
    config = ConfigFile(path, exists=True, brokers=parse_brokers(content, path.parent))
    for problem in config.brokers.all_problems:
        config = config.with_problem(problem)
    for name, value in flattened(
        {key: value for key, value in content.items() if key not in (BROKER, BROKERS)}
    ):
        if name in known:
            config = _with_setting(config, known[name], value)
        elif name.startswith(f"{KEYS}."):
            config = _with_keys(config, name, value)
        elif name.startswith((f"{FORMATS}.", f"{COLUMNS}.")):
            config = _with_topic(config, name, value)
        elif name in _TABLES:
            config = config.with_problem(f"{name} is a table: write [{name}], and its settings below it")
        else:
            near = did_you_mean(name, known)
            config = config.with_problem(f"unknown setting {name}{': ' if near else ''}{near}")
    return config


def _with_setting(config: ConfigFile, setting: Setting, value: object) -> ConfigFile:
    try:
        # The text that would be typed at the command line, which has the same parsers.
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise InvalidValueError("use a string or a number")
        parsed = setting.parse(str(value))
    except InvalidValueError as error:
        default = setting.written(_DEFAULTS)
        return config.with_problem(f"{setting.name}: {error.message}; using {default}")
    return replace(config, settings=setting.put(config.settings, parsed), given=config.given | {setting.name})


def _with_keys(config: ConfigFile, name: str, value: object) -> ConfigFile:
    if not isinstance(value, str):
        return config.with_problem(f'{name}: use a string, e.g. "p,space"; using the default keys')
    keys = {**config.settings.keys, name.removeprefix(f"{KEYS}."): value}
    return replace(config, settings=replace(config.settings, keys=keys), given=config.given | {name})


def _with_topic(config: ConfigFile, name: str, value: object) -> ConfigFile:
    """Take in what a file says of one topic."""
    from engine.fields.table import check_format
    from tui.config.column_names import parse_names

    table, _, topic = name.partition(".")
    checks: Mapping[str, tuple[Callable[[str], object], str, str]] = {
        FORMATS: (check_format, "json", "detecting it"),
        COLUMNS: (parse_names, "time,customer.city,text", "guessing them"),
    }
    check, example, instead = checks[table]
    try:
        if not isinstance(value, str):
            raise InvalidValueError(f'use a string, e.g. "{example}"')
        check(value)
    except InvalidValueError as error:
        return config.with_problem(f"{name}: {error.message}; {instead}")
    settings = config.settings
    if table == FORMATS:
        settings = replace(settings, formats={**settings.formats, topic: value})
    else:
        settings = replace(settings, columns={**settings.columns, topic: value})
    return replace(config, settings=settings, given=config.given | {name})
