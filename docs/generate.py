"""Writes the reference pages: `python docs/generate.py`, or `make docs`. A test fails while one is stale."""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.man_page import man_page
from tui.cli.root import fluvio_tui
from tui.config.settings import SETTINGS, Setting, Settings
from tui.dashboard.keys.bindings import Key
from tui.dashboard.keys.key_names import SYMBOLS
from tui.dashboard.keys.sections import sections

FOLDER = Path(__file__).parent
WIDTH = 100
_NOTE = "<!-- Written by docs/generate.py: edit what it reads, then run `make docs`. -->"


def cli() -> str:
    """The help of every command, from click."""
    return "\n\n".join(["# Command line", _NOTE, *_help("fluvio-tui", fluvio_tui, None)]) + "\n"


def _help(name: str, command: click.Command, parent: click.Context | None) -> Iterator[str]:
    ctx = click.Context(
        command,
        parent,
        name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    if parent is not None:
        yield f"{'#' * len(ctx.command_path.split())} {ctx.command_path}"
    yield f"```text\n{command.get_help(ctx)}\n```"
    if isinstance(command, click.Group):
        for child in command.list_commands(ctx):
            found = command.get_command(ctx, child)
            assert found is not None, child
            yield from _help(child, found, ctx)


def settings() -> str:
    """Every setting of the config file, apart from keys."""
    parts = ["# Settings", _NOTE, "[configuration.md](configuration.md) says where the config file is."]
    for table, group in groupby(SETTINGS, lambda setting: setting.name.rpartition(".")[0]):
        parts += [f"## `[{table}]`"] if table else []
        parts.append("\n".join(["| setting | default | |", "|---|---|---|", *map(_row, group)]))
    return "\n\n".join(parts) + "\n"


def _row(setting: Setting) -> str:
    key = setting.name.rpartition(".")[2]
    return f"| `{key}` | `{json.dumps(setting.written(Settings()))}` | {setting.about} |"


def keys() -> str:
    """The keys of every action of the dashboard."""
    parts = [
        "# Keys",
        _NOTE,
        "[dashboard.md](dashboard.md) says what the actions do, [configuration.md](configuration.md) how\n"
        "to give an action other keys, by its name. `ctrl+p` opens the palette, which has every action,\n"
        "`ctrl+c` quits, and `ctrl+z` goes to the shell. `0` to `9` go to the pane of that number.",
    ]
    for title, listed in sections().items():
        parts += _keys(title, listed)
    return "\n\n".join(parts) + "\n"


def _keys(title: str, keys: list[Key]) -> list[str]:
    rows = [
        f"| {' '.join(f'`{SYMBOLS.get(name, name)}`' for name in key.keys.split(','))} "
        f"| {key.about or key.label} | `{key.id}` |"
        for key in keys
    ]
    return [f"## {title}", "\n".join(["| key | | name |", "|---|---|---|", *rows])]


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "fluvio-tui.1": lambda: man_page(fluvio_tui, "fluvio-tui"),
    "keys.md": keys,
    "settings.md": settings,
}
"""By file name, what writes the page."""


def is_stale(name: str) -> bool:
    """Whether the file of a page differs from what would be written."""
    path = FOLDER / name
    return not path.exists() or path.read_text() != PAGES[name]()


if __name__ == "__main__":
    for name in filter(is_stale, PAGES):
        (FOLDER / name).write_text(PAGES[name]())
        print(f"docs/{name} written")
