"""`--format` and `--columns`: what the values of a topic are, and what its rows show of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.options.quantities import Quantity

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

AUTO = "auto"


def _checked(text: str) -> str:
    """The text, if it names a format; `InvalidValueError`."""
    from engine.fields.table import check_format

    if text != AUTO:
        check_format(text)
    return text


def _columns(text: str) -> str:
    """The text, if it names columns; `InvalidValueError`."""
    from tui.config.column_names import parse_names

    if text != AUTO:
        parse_names(text)
    return text


FORMAT = Quantity("format", _checked)
COLUMNS = Quantity("columns", _columns)


def complete_format(_ctx: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of formats."""
    from click.shell_completion import CompletionItem

    from engine.fields.table import FORMAT_NAMES

    return [CompletionItem(name) for name in (AUTO, *FORMAT_NAMES) if name.startswith(begun)]
