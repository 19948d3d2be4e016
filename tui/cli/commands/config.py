"""`fluvio-tui config`: the config file, and the settings in use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Unpack

import click

from engine.files import create_folder, create_private
from tui.cli.broker_choice import Typed
from tui.cli.data_folder import data_folder
from tui.cli.options.data import data_option
from tui.cli.options.limits import NOTHING_TYPED, LimitOptions, configured, setting_limits
from tui.cli.output.listing import output_option, print_json, table
from tui.cli.process.failures import Failure, failing, report
from tui.config.content import CONFIG, config_path
from tui.config.settings import COLUMNS, FORMATS, KEYS, SETTINGS, Settings
from tui.dashboard.app.session_state import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.config.file import ConfigFile
    from tui.dashboard.app.appearance import Appearance

THEME_VARIABLE = "TEXTUAL_THEME"


class ShowGroup(click.Group):
    """Takes `config` alone for `config show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=ShowGroup)
def config() -> None:
    """Show the settings, and where each comes from.

    Without a subcommand: 'config show'.
    """


@config.command()
@setting_limits
@output_option
@data_option()
def show(output: str, **typed: Unpack[LimitOptions]) -> None:
    """Show the path of the config file, and the settings in use.

    Each setting comes from an option, the environment, the config file or the last choice in the dashboard
    (the theme), or is the default. If something is wrong with the file, standard error says what, and the
    exit status is 1. FLUVIO_TUI_CONFIG names another file.

    \b
    fluvio-tui config show
    fluvio-tui config show -O json
    fluvio-tui config show --record-time 50ms
    """
    from tui.dashboard.app.appearance import appearance

    looks, found = appearance(configured({**NOTHING_TYPED, **typed}), Memory(data_folder()).theme)
    by_option = {f"limits.{name.replace('_', '-')}" for name, value in typed.items() if value is not None}
    rows = list(_in_use(found, looks, by_option))
    if output == "json":
        settings = [{"name": name, "value": value, "from": source} for name, value, source in rows]
        about = {"path": str(found.path), "exists": found.exists, "problems": found.problems}
        print_json({**about, "settings": settings})
    else:
        state = "" if found.exists else " does not exist; write it with 'fluvio-tui config init'"
        shown = table(("SETTING", "VALUE", "FROM"), [[*map(str, row)] for row in rows])
        click.echo(f"config file {found.path}{state}\n\n{shown}")
    for problem in found.problems:
        report(problem)
    if found.problems:
        click.get_current_context().exit(1)


@config.command()
def init() -> None:
    """Write a config file to start with.

    It lists every setting with its default, commented out with '#'. An existing file is not changed.

    \b
    fluvio-tui config init
    """
    from tui.config.template import config_template
    from tui.dashboard.keys.keymap import remap

    path = config_path()
    actions = [(action.id or "", action.key, action.description) for action in remap({}).bindings]
    if path.exists():
        raise Failure(f"{path} exists already", "edit it; 'fluvio-tui config' shows the settings in use")
    with failing(f"write {path}", f"name another file with {CONFIG}"):
        create_folder(path.parent)
        with os.fdopen(create_private(path), "w", encoding="utf-8") as file:
            file.write(config_template(actions))
    click.echo(f"{path} written; 'fluvio-tui config' shows the settings in use")


def _in_use(
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
    yield from Typed.of(click.get_current_context()).shown(found.brokers.default)
    for profile in found.brokers.profiles.values():
        yield from ((name, value, "config file") for name, value in profile.shown())
    for name, topics in ((FORMATS, found.settings.formats), (COLUMNS, found.settings.columns)):
        for topic, said in topics.items():
            yield f"{name}.{topic}", said, "config file"
    for binding in looks.keys.bindings:
        name = f"{KEYS}.{binding.id}"
        yield name, binding.key or "none", _source(name, found)


def _source(name: str, found: ConfigFile) -> str:
    return "config file" if name in found.given else "default"
