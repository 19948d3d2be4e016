"""What commands list and describe: tables, or JSON for programs."""

import json
from collections.abc import Sequence

import click

output_option = click.option(
    "-O",
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table, or JSON for programs.",
)


def print_listing(
    output: str,
    objects: Sequence[object],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    empty: str,
) -> None:
    """Print objects as JSON or as the rows of a table, or else `empty`."""
    if output == "json":
        print_json(objects)
    else:
        click.echo(table(head, rows) if rows else empty)


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be; the last one is not padded."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """One line per name and value."""
    width = max(len(name) for name, _ in pairs) + 2
    return "\n".join(f"{name.ljust(width)}{value}" for name, value in pairs)
