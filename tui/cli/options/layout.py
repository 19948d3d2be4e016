"""The options of `consume` that say how records are printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

import click

from tui.cli.options.grouping import only_one, option_group

FIELDS = ("key", "value", "offset", "partition", "time", "headers")
"""What a template may name."""

_FIELD = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_KEY_AND_VALUE = "[{{key}}] {{value}}"


class LayoutOptions(TypedDict):
    """What was typed."""

    output: str | None
    template: str | None
    key_value: bool
    stats: str | None


layout_options = option_group(
    click.option(
        "-O",
        "--output",
        type=click.Choice(["text", "json", "raw", "table"]),
        help="text (default): one value per line. json: one object per line, with offset, partition, "
        "timestamp, key and value. raw: values with nothing between them. table: a table.",
    ),
    click.option(
        "-F",
        "--format",
        "template",
        metavar="TEXT",
        help="One line per record made from TEXT, in which {{key}}, {{value}}, {{offset}}, {{partition}}, "
        "{{time}} and {{headers}} stand for its fields.",
    ),
    click.option("-k", "--key-value", is_flag=True, help="Print '[key] value', or '[null] value'."),
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
class Layout:
    """How records are printed."""

    format: str
    """`text`, `json`, `raw`, `table` or `template`."""
    parts: tuple[str, ...] = ()
    """Of a template: text, the name of a field, text, … and text."""
    stats: str | None = None
    """`text` or `json`, if statistics were asked for."""


def layout(typed: LayoutOptions) -> Layout:
    """What the options mean; `UsageError` if they contradict each other."""
    only_one({"-O": typed["output"], "-F": typed["template"], "-k": typed["key_value"] or None})
    template = _KEY_AND_VALUE if typed["key_value"] else typed["template"]
    if template is None:
        return Layout(typed["output"] or "text", stats=typed["stats"])
    parts = tuple(_FIELD.split(template))
    for field in parts[1::2]:
        if field not in FIELDS:
            known = ", ".join(f"{{{{{name}}}}}" for name in FIELDS)
            raise click.UsageError(f"unknown field {{{{{field}}}}} in -F: use {known}")
    return Layout("template", parts, typed["stats"])
