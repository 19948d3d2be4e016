"""The options of `consume` that name a filter, and say how it is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from engine.runtime.config import ModuleConfig
from tui.cli.options import name_completion, path_completion
from tui.cli.options.grouping import only_one, option_group
from tui.cli.options.input_files import check_filter
from tui.cli.options.limits import LimitOptions, limit_options, module_config


class FilterOptions(LimitOptions):
    """What was typed."""

    word: str | None
    inline_filter: str | None
    watch: bool
    use_filter: str | None
    on_error: str | None


filter_options = option_group(
    click.option(
        "--inline-filter",
        metavar="FILE.rs",
        shell_complete=path_completion.sources,
        help="Print only the records that the filter in this file passes.",
    ),
    click.option(
        "--watch",
        is_flag=True,
        help="Build the inline filter again whenever its file is saved, and switch to the new version.",
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
        help="For a record that the filter fails on: leave it out and count it (skip, the default), print it "
        "and mark each record with its verdict (keep), or stop with exit status 1 (stop).",
    ),
    limit_options,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering:
    """What evaluates the records, if anything does."""

    source: Path | str | None
    """The file of an inline filter, or the name of a stored SmartStream."""
    follow: bool
    """Whether to switch to new versions."""
    on_error: str
    """`skip`, `keep` or `stop`."""
    config: ModuleConfig


def filtering(typed: FilterOptions) -> Filtering:
    """What the options mean; `UsageError` if they contradict each other, `Failure` if the file is missing."""
    inline, stored = typed["inline_filter"], typed["use_filter"]
    only_one({"--inline-filter": inline, "--use-filter": stored})
    if typed["watch"] and stored is not None:
        raise click.UsageError("--watch is for --inline-filter: a stored SmartStream is always followed")
    source = stored if inline is None else check_filter(inline)
    if source is None:
        _check_unfiltered(typed)
    return Filtering(
        source=source,
        follow=typed["watch"] or stored is not None,
        on_error=typed["on_error"] or "skip",
        config=ModuleConfig() if source is None else module_config(typed),
    )


def _check_unfiltered(typed: FilterOptions) -> None:
    needing: dict[str, object] = {
        "'smartstream'": typed["word"] or None,
        "--watch": typed["watch"] or None,
        "--on-error": typed["on_error"],
        "--record-time": typed["record_time"],
        "--memory": typed["memory"],
        "--output-size": typed["output_size"],
        "--max-faults": typed["max_faults"],
    }
    for word, given in needing.items():
        if given is not None:
            remedy = "--inline-filter FILE.rs" + ("" if word == "--watch" else " or --use-filter NAME")
            raise click.UsageError(f"{word} needs a filter: add {remedy}")
