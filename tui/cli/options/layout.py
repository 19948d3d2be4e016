"""The options of `consume` that say how records are printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TypedDict, TypeVar

import click

FIELDS = ("key", "value", "offset", "partition", "time", "headers")
"""What a template may name."""

_FIELD = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_KEY_AND_VALUE = "[{{key}}] {{value}}"
_OPTIONS = (
    click.option(
        "-O",
        "--output",
        type=click.Choice(["text", "json", "raw", "table"]),
        help="Values, one a line (text, as without this option); JSON objects with offset, partition, "
        "timestamp, key and value; values with nothing between them (raw); a table.",
    ),
    click.option(
        "-F",
        "--format",
        "template",
        metavar="TEXT",
        help="A line a record, made of this: {{key}}, {{value}}, {{offset}}, {{partition}}, {{time}}, "
        "{{headers}} stand for its fields.",
    ),
    click.option("-k", "--key-value", is_flag=True, help="Keys too: '[key] value', or '[null] value'."),
    click.option(
        "--stats",
        is_flag=False,
        flag_value="text",
        type=click.Choice(["text", "json"]),
        help="Say on standard error at the end how many records there were, as happens where that is a "
        "terminal; or say there, as a JSON object, all that was counted and measured.",
    ),
)

_Command = TypeVar("_Command", bound=Callable[..., object])


class LayoutOptions(TypedDict):
    """What was typed."""

    output: str | None
    template: str | None
    key_value: bool
    stats: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """How records are printed."""

    format: str
    """`text`, `json`, `raw`, `table` or `template`."""
    parts: tuple[str, ...] = ()
    """What a template says: text, the name of a field, text, … and text."""
    stats: str | None = None
    """`text` or `json`, where statistics were asked for."""


def layout_options(command: _Command) -> _Command:
    """Add the options."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def layout(typed: LayoutOptions) -> Layout:
    """What the options mean; `UsageError` where they contradict each other."""
    chosen = {"-O": typed["output"], "-F": typed["template"], "-k": typed["key_value"] or None}
    given = [option for option, value in chosen.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} contradict each other: choose one")
    template = _KEY_AND_VALUE if typed["key_value"] else typed["template"]
    if template is None:
        return Layout(typed["output"] or "text", stats=typed["stats"])
    return Layout("template", _parts(template), typed["stats"])


def _parts(template: str) -> tuple[str, ...]:
    parts = tuple(_FIELD.split(template))
    for field in parts[1::2]:
        if field not in FIELDS:
            known = ", ".join(f"{{{{{name}}}}}" for name in FIELDS)
            raise click.UsageError(f"-F knows no {{{{{field}}}}}, only {known}")
    return parts
