"""The options of `consume` that say how records are printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypedDict

import click

from engine.fields.path import parse_path
from engine.units import InvalidValueError
from tui.cli.options.color import color_option, colours
from tui.cli.options.completion.columns import printed_columns, template_fields
from tui.cli.options.grouping import only_one, option_group
from tui.cli.options.printed_fields import FIELDS, VALUE

CSV_COLUMNS = ("partition", "offset", "time", "key", "value")

_FIELD = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_KEY_AND_VALUE = "[{{key}}] {{value}}"
_ESCAPE = re.compile(r"\\([tnr0e\\])")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "e": "\x1b", "\\": "\\"}


class PrintOptions(TypedDict):
    """What was typed."""

    output: str | None
    template: str | None
    key_value: bool
    columns: str | None
    color: str
    stats: str | None


print_options = option_group(
    click.option(
        "-O",
        "--output",
        type=click.Choice(["text", "json", "raw", "table", "csv"]),
        help="text (default): one value per line. json: one object per line, with offset, partition, "
        "timestamp, key and value. raw: values with nothing between them. table: a table. csv: rows under a "
        "head.",
    ),
    click.option(
        "-F",
        "--format",
        "template",
        metavar="TEXT",
        shell_complete=template_fields,
        help="One line per record made from TEXT, in which {{key}}, {{value}}, {{offset}}, {{partition}}, "
        "{{time}} and {{headers}} stand for its parts, and {{value.customer.city}} for a field of the value; "
        "\\t and \\n are a tab and a newline.",
    ),
    click.option("-k", "--key-value", is_flag=True, help="Print '[key] value', or '[null] value'."),
    click.option(
        "--columns",
        metavar="NAMES",
        shell_complete=printed_columns,
        help="The columns of -O csv, separated by commas, by the names that -F has.  "
        f"[default: {','.join(CSV_COLUMNS)}]",
    ),
    color_option,
    click.option(
        "--stats",
        is_flag=False,
        flag_value="text",
        type=click.Choice(["text", "json"]),
        help="Print counts on standard error at the end: in one line (the default on a terminal), or with "
        "everything that was counted and measured as a JSON object.",
    ),
)


@dataclass(frozen=True, slots=True)
class Printing:
    """How records are printed."""

    format: str
    """`text`, `json`, `raw`, `table`, `csv` or `template`."""
    parts: tuple[str, ...] = ()
    """Of a template: text, the name of a field, text, … and text."""
    columns: tuple[str, ...] = CSV_COLUMNS
    """Of `csv`: names of fields."""
    coloured: bool = False
    stats: str | None = None
    """`text` or `json`, if statistics were asked for."""


def printing(typed: PrintOptions) -> Printing:
    """What the options mean; `UsageError` if they contradict each other."""
    only_one({"-O": typed["output"], "-F": typed["template"], "-k": typed["key_value"] or None})
    template = _KEY_AND_VALUE if typed["key_value"] else typed["template"]
    found = Printing(typed["output"] or "text", stats=typed["stats"], coloured=colours(typed["color"]))
    if typed["columns"] is not None:
        if typed["output"] != "csv":
            raise click.UsageError("--columns needs -O csv")
        names = tuple(_field(name.strip(), "--columns") for name in typed["columns"].split(","))
        return replace(found, columns=names)
    if template is None:
        return found
    parts = _FIELD.split(template)
    if len(parts) == 1:
        raise click.UsageError(f"-F '{template}' names no field: use {_known(braces=True)}")
    texts = [_ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], text) for text in parts[::2]]
    names = tuple(_field(name, "-F") for name in parts[1::2])
    return replace(found, format="template", parts=(*chain(*zip(texts, names, strict=False)), texts[-1]))


def _field(name: str, option: str) -> str:
    """The name of a field, if there is such a field."""
    if name in FIELDS:
        return name
    if name.startswith((f"{VALUE}.", f"{VALUE}[")):
        try:
            parse_path(name.removeprefix(VALUE).removeprefix("."))
        except InvalidValueError as error:
            raise click.UsageError(f"{error.message} in {option}") from error
        return name
    braces = option == "-F"
    shown = f"{{{{{name}}}}}" if braces else f"'{name}'"
    # In the dashboard a field of the value is named without that.
    raise click.UsageError(
        f"unknown field {shown} in {option}: use {_known(braces=braces)}; "
        f"a field of the value is {_named(f'{VALUE}.{name}', braces=braces)}"
    )


def _known(*, braces: bool) -> str:
    return ", ".join(_named(name, braces=braces) for name in (*FIELDS, f"{VALUE}.PATH"))


def _named(name: str, *, braces: bool) -> str:
    return f"{{{{{name}}}}}" if braces else name
