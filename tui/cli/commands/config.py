"""`fluvio-tui config`: where the config file is, what is in force, and a file to begin with."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Unpack

import click

from tui.cli.commands.topic import output_option
from tui.cli.options.data import data_folder, data_option
from tui.cli.options.limits import LimitOptions, configured, limit_options
from tui.cli.output.text import table
from tui.cli.process.failures import Failure
from tui.config.file import CONFIG, config_path
from tui.config.settings import KEYS, SETTINGS, Settings
from tui.dashboard.app.session_state import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.config.file import ConfigFile
    from tui.dashboard.app.appearance import Appearance

THEME_VARIABLE = "TEXTUAL_THEME"

_BY_OPTION = {
    "limits.record-time": "record_time",
    "limits.memory": "memory",
    "limits.max-faults": "max_faults",
}


class ShowGroup(click.Group):
    """Takes `config` alone for `config show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the verb that was left out."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=ShowGroup)
def config() -> None:
    """Show what is set, and where.

    Without a verb: 'config show'.
    """


@config.command()
@limit_options
@output_option
@data_option()
def show(output: str, **typed: Unpack[LimitOptions]) -> None:
    """Say where the config file is, and what is in force.

    Each setting comes from an option, the environment, the file, or a choice in the dashboard (the theme), or
    is the default. The exit status is 1 where something is wrong with the file, and standard error says what.
    FLUVIO_TUI_CONFIG names another file.

    \b
    fluvio-tui config show
    fluvio-tui config show -O json
    fluvio-tui config show --record-time 50ms
    """
    from tui.dashboard.app.appearance import appearance

    chosen = Memory(data_folder()).theme
    looks, found = appearance(configured(typed), chosen)
    by_option = {name for name, option in _BY_OPTION.items() if typed.get(option) is not None}
    rows = list(_in_force(found, looks, by_option))
    click.echo(_as_json(found, rows) if output == "json" else _as_text(found, rows))
    for problem in found.problems:
        click.echo(f"fluvio-tui: {problem}", err=True)
    if found.problems:
        click.get_current_context().exit(1)


@config.command()
def init() -> None:
    """Write a config file to begin with.

    It has every setting with its default, each behind a '#': take that away from what you change. A file that
    is there already is left as it is.

    \b
    fluvio-tui config init
    """
    from tui.config.template import commented

    path = config_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(commented())
    except OSError as error:
        if path.exists():
            raise Failure(
                f"{path} exists already", "edit it; 'fluvio-tui config' says what is in force"
            ) from error
        raise Failure(
            f"{path} cannot be written: {error.strerror or error}", f"name another file with {CONFIG}"
        ) from error
    click.echo(f"{path} written; 'fluvio-tui config' shows what is in force")


def _in_force(
    found: ConfigFile, looks: Appearance, by_option: set[str]
) -> Iterator[tuple[str, str | int, str]]:
    """The name, the value and the source of every setting."""
    for setting in SETTINGS:
        source = "option" if setting.name in by_option else _source(setting.name, found)
        value = setting.written(found.settings)
        if setting.name == "theme" and THEME_VARIABLE in os.environ:
            value, source = os.environ[THEME_VARIABLE], THEME_VARIABLE
        elif setting.name == "theme" and source == "default" and value != setting.written(Settings()):
            source = "last choice"
        yield setting.name, value, source
    for binding in looks.keys.bindings:
        name = f"{KEYS}.{binding.id}"
        yield name, binding.key or "none", _source(name, found)


def _source(name: str, found: ConfigFile) -> str:
    return "config file" if name in found.given else "default"


def _as_text(found: ConfigFile, rows: list[tuple[str, str | int, str]]) -> str:
    state = "" if found.exists else ", which does not exist: 'fluvio-tui config init' writes it"
    shown = [(name, str(value), source) for name, value, source in rows]
    return f"config file {found.path}{state}\n\n{table(('SETTING', 'VALUE', 'FROM'), shown)}"


def _as_json(found: ConfigFile, rows: list[tuple[str, str | int, str]]) -> str:
    described = {
        "path": str(found.path),
        "exists": found.exists,
        "problems": found.problems,
        "settings": [{"name": name, "value": value, "from": source} for name, value, source in rows],
    }
    return json.dumps(described, indent=2)
