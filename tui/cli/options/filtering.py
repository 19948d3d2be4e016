"""The options of `consume` that name SmartStreams, and say how they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from engine.runtime.config import ModuleConfig
from tui.cli.options.grouping import option_group
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.steps import StepOptions, step_options, steps
from tui.cli.process.exit_statuses import FAILED_RECORDS

if TYPE_CHECKING:
    from engine.consumer.step import Step


class FilterOptions(StepOptions, LimitOptions):
    """What was typed."""

    word: str | None
    watch: bool
    on_error: str | None
    fail_on_error: bool
    run_on: str | None


fail_on_error_option = click.option(
    "--fail-on-error",
    is_flag=True,
    help=f"End with exit status {FAILED_RECORDS} if a SmartStream failed on any record.",
)

filter_options = option_group(
    step_options,
    click.option(
        "--watch",
        is_flag=True,
        help="Build inline SmartStreams again whenever their files are saved, and switch to the new version.",
    ),
    click.option(
        "--on-error",
        type=click.Choice(["skip", "keep", "stop"]),
        help="For a record that a SmartStream fails on: leave it out and count it (skip, the default), print "
        "it and mark each record with its verdict (keep), or stop with exit status 1 (stop).",
    ),
    fail_on_error_option,
    click.option(
        "--run-on",
        type=click.Choice(["spu", "client"]),
        help="Where SmartStreams run: on the SPUs of a Fluvio cluster, so that only results are sent "
        "(spu, the default there), or here (client).",
    ),
    limit_options,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering:
    """What evaluates the records, if anything does."""

    steps: Sequence[Step]
    watch: bool
    """Whether to switch to new versions of files; a stored SmartStream is always followed."""
    on_error: str
    """`skip`, `keep` or `stop`."""
    fail_on_error: bool
    config: ModuleConfig
    run_on: str | None
    """`spu`, `client`, or None for what the broker can do."""


def filtering(ctx: click.Context, typed: FilterOptions) -> Filtering:
    """What the options mean; `UsageError` if they contradict each other, `Failure` if a file is missing."""
    found = steps(ctx, typed)
    if not found and typed["transforms_file"] is None:
        _check_unfiltered(typed)
    if typed["watch"] and not any(_is_inline(step) for step in found):
        raise click.UsageError("--watch is for --inline: a stored SmartStream is always followed")
    return Filtering(
        steps=found,
        watch=typed["watch"],
        on_error=typed["on_error"] or "skip",
        fail_on_error=typed["fail_on_error"],
        config=module_config(typed) if found else ModuleConfig(),
        run_on=typed["run_on"],
    )


def _is_inline(step: Step) -> bool:
    from engine.builds.languages import expression_in
    from engine.consumer.step import InlineFile

    return isinstance(step.source, InlineFile) and expression_in(step.source.path) is None


def _check_unfiltered(typed: FilterOptions) -> None:
    needing: dict[str, object] = {
        f"'{typed['word']}'": typed["word"],
        "--watch": typed["watch"] or None,
        "--on-error": typed["on_error"],
        "--fail-on-error": typed["fail_on_error"] or None,
        "--run-on": typed["run_on"],
        "--record-time": typed["record_time"],
        "--memory": typed["memory"],
        "--output-size": typed["output_size"],
        "--max-faults": typed["max_faults"],
    }
    for word, given in needing.items():
        if given is not None:
            remedy = "--inline FILE" + ("" if word == "--watch" else " or --use NAME")
            raise click.UsageError(f"{word} needs a SmartStream: add {remedy}")
