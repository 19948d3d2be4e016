"""The options of `consume` that name a filter, and say how it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TypeVar

import click

from engine.runtime.config import ModuleConfig
from tui.cli.options import name_completion, path_completion
from tui.cli.options.input_files import check_filter
from tui.cli.options.limits import LimitOptions, limit_options, module_config

_OPTIONS = (
    click.option(
        "--inline-filter",
        metavar="FILE.rs",
        shell_complete=path_completion.sources,
        help="Print only the records that the filter in this file passes.",
    ),
    click.option(
        "--watch",
        is_flag=True,
        help="Build the inline filter again whenever its file is saved, and go on with the new version.",
    ),
    click.option(
        "--use-filter",
        metavar="NAME",
        shell_complete=name_completion.smartstreams,
        help="Print only the records that this stored SmartStream passes.",
    ),
    click.option(
        "--on-error",
        type=click.Choice(["skip", "keep", "stop"]),
        help="What becomes of a record that the filter fails on: left out and counted (skip, as without this "
        "option); printed like the others, each marked with its verdict (keep); the end, with exit status 1 "
        "(stop).",
    ),
)

_Command = TypeVar("_Command", bound=Callable[..., object])


class FilterOptions(LimitOptions):
    """What was typed."""

    word: str | None
    inline_filter: str | None
    watch: bool
    use_filter: str | None
    on_error: str | None


@dataclass(frozen=True, slots=True)
class Filtering:
    """What evaluates the records, if anything does."""

    inline: Path | None
    """The file of an inline filter."""
    watch: bool
    """Whether the inline filter is built again whenever it is saved."""
    stored: str | None
    """The name of a stored SmartStream."""
    on_error: str
    """What becomes of a record that it fails on: `skip`, `keep` or `stop`."""
    config: ModuleConfig
    """What it may use."""

    @property
    def name(self) -> str | None:
        """What the person calls it; None where every record is printed."""
        return self.stored if self.inline is None else str(self.inline)


def filter_options(command: _Command) -> _Command:
    """Add the options."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), limit_options(command))


def filtering(typed: FilterOptions) -> Filtering:
    """What the options mean; `UsageError` where they contradict each other, `Failure` where no file is."""
    inline, stored = typed["inline_filter"], typed["use_filter"]
    if inline is not None and stored is not None:
        raise click.UsageError("--inline-filter and --use-filter each name a filter: choose one")
    if typed["watch"] and stored is not None:
        raise click.UsageError("--watch is for --inline-filter: a stored SmartStream is followed anyway")
    if inline is None and stored is None:
        _check_unfiltered(typed)
    path = None if inline is None else check_filter(inline)
    filtered = path is not None or stored is not None
    config = module_config(typed) if filtered else ModuleConfig()
    return Filtering(path, typed["watch"], stored, typed["on_error"] or "skip", config)


def _check_unfiltered(typed: FilterOptions) -> None:
    needing: dict[str, object] = {
        "'smartstream'": typed["word"] or None,
        "--watch": typed["watch"] or None,
        "--on-error": typed["on_error"],
        "--record-time": typed["record_time"],
        "--memory": typed["memory"],
        "--max-faults": typed["max_faults"],
    }
    for word, given in needing.items():
        if given is not None:
            remedy = "--inline-filter FILE.rs" + ("" if word == "--watch" else " or --use-filter NAME")
            raise click.UsageError(f"{word} needs a filter: add {remedy}")
