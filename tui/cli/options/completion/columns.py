"""Completion of columns, for `shell_complete`: parts of a record, and fields that panes showed last."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import click

from engine.errors import EngineError
from tui.cli.data_folder import data_folder
from tui.cli.options.completion.names import topic_on_line
from tui.cli.options.printed_fields import FIELDS, VALUE


def pane_columns(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The last of the names in the `--columns` of `watch`."""
    from tui.config.column_names import PARTS

    return _listed(begun, (*PARTS, *_remembered(ctx)))


def printed_columns(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The last of the names in the `--columns` of `consume`."""
    return _listed(begun, _printed(ctx))


def template_fields(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The field that is begun in a template, or the next one."""
    head, braces, name = begun.rpartition("{{")
    if not braces or "}}" in name:
        head, name = begun, ""
    return [f"{head}{{{{{one}}}}}" for one in _printed(ctx) if one.startswith(name.lstrip())]


def _listed(begun: str, names: Iterable[str]) -> list[str]:
    head, comma, last = begun.rpartition(",")
    taken = head.split(",")
    return [f"{head}{comma}{name}" for name in names if name.startswith(last) and name not in taken]


def _printed(ctx: click.Context) -> tuple[str, ...]:
    paths = (f"{VALUE}{path}" if path.startswith("[") else f"{VALUE}.{path}" for path in _remembered(ctx))
    return (*FIELDS, *paths)


def _remembered(ctx: click.Context) -> list[str]:
    """The paths of the fields among the columns of the topic on the line."""
    from tui.cli.broker_choice import broker_choice
    from tui.config.column_names import parse_names
    from tui.dashboard.app.session_state import Memory

    with suppress(EngineError, RuntimeError):
        memory = Memory(data_folder(ctx).expanduser(), broker_choice(ctx).address.name)
        names = parse_names(memory.look(topic_on_line(ctx)).columns)
        return [one.name for one in names if one.path is not None]
    return []
