"""What commands list and describe: tables, or JSON for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

output_option = click.option(
    "-O",
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table, or JSON for programs.",
)


Columns = Mapping[str, Callable[[Any], str]]
"""The members of objects that a table shows, and how their values read."""
_HEADS = {"bytes": "SIZE", "in_sync": "IN SYNC"}
"""Of columns, if they are not the member's name."""


def print_listing(
    output: str, objects: Sequence[Mapping[str, object]], columns: Columns, *, empty: str
) -> None:
    """Print objects as JSON or as a table, or else `empty`."""
    if output == "json":
        print_json(objects)
    else:
        click.echo(object_table(objects, columns) or empty)


def object_table(objects: Sequence[Mapping[str, object]], columns: Columns) -> str:
    """A row per object; empty without objects."""
    rows = [[show(each[name]) for name, show in columns.items()] for each in objects]
    return table([_HEADS.get(name, name.upper()) for name in columns], rows) if rows else ""


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be; the last one is not padded."""
    lines = [head, *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """One line per name and value."""
    width = max(len(name) for name, _ in pairs) + 2
    return "\n".join(f"{name.ljust(width)}{value}" for name, value in pairs)
