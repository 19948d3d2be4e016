"""The options of `consume` that say what part of a topic to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from engine import units
from tui.cli.options import name_completion
from tui.cli.options.quantities import PAST_TIME

if TYPE_CHECKING:
    from engine.broker.read_range import ReadRange, Start

_COUNT = click.IntRange(0)
_OPTIONS = (
    click.option("-B", "--beginning", is_flag=True, help="From the topic's beginning, not from now on."),
    click.option("-H", "--head", type=_COUNT, metavar="N", help="From N records after the beginning."),
    click.option("-T", "--tail", type=_COUNT, metavar="N", help="From N records before the end."),
    click.option("--start", type=_COUNT, metavar="OFFSET", help="From this offset."),
    click.option(
        "--since",
        type=PAST_TIME,
        metavar="TIME",
        help="From the first record of this time or later: 10m, 2h or 1d ago, or a date or date-time of "
        "ISO 8601, local unless it names a zone.",
    ),
    click.option(
        "-c",
        "--consumer",
        metavar="NAME",
        shell_complete=name_completion.consumers,
        help="From where the consumer of this name stopped, which is kept; any option above counts only "
        "where it has not been yet.",
    ),
    click.option("--end", type=_COUNT, metavar="OFFSET", help="Stop after this offset."),
    click.option(
        "--until", type=PAST_TIME, metavar="TIME", help="Stop before the first record later than this."
    ),
    click.option("-d", "--disable-continuous", is_flag=True, help="Stop at the topic's end as it is now."),
    click.option(
        "-n", "--records", type=click.IntRange(1), metavar="N", help="Stop after printing N records."
    ),
    click.option(
        "-p",
        "--partition",
        "partitions",
        type=_COUNT,
        multiple=True,
        metavar="N",
        shell_complete=name_completion.partitions,
        help="Only this partition; as often as you like.",
    ),
    click.option(
        "--skip-damaged",
        is_flag=True,
        help="Pass over records that are damaged on disk, saying which, instead of ending there.",
    ),
    click.option(
        "-A", "--all-partitions", is_flag=True, help="All partitions, which is what happens anyway."
    ),
)

_Command = TypeVar("_Command", bound=Callable[..., object])


class PositionOptions(TypedDict):
    """What was typed."""

    beginning: bool
    head: int | None
    tail: int | None
    start: int | None
    since: int | None
    consumer: str | None
    end: int | None
    until: int | None
    disable_continuous: bool
    records: int | None
    partitions: tuple[int, ...]
    skip_damaged: bool
    all_partitions: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """What part of a topic to read."""

    span: ReadRange
    start: str
    """Where it begins, in words."""
    start_option: str
    """The option that says so; empty where none does."""
    consumer: str | None
    """The name of the consumer, which goes on where it stopped."""
    records: int | None
    """How many records to print at most."""
    partitions: tuple[int, ...]
    """The partitions to read; empty for all."""
    skip_damaged: bool
    """Whether to pass over records that are damaged."""


def position_options(command: _Command) -> _Command:
    """Add the options."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def extent(typed: PositionOptions) -> Extent:
    """What the options mean; `UsageError` where they contradict each other."""
    start_option = _check(typed)
    from engine.broker.read_range import ReadRange

    start, words = _start(typed)
    span = ReadRange(start, typed["end"], to_end=typed["disable_continuous"], until=typed["until"])
    partitions = tuple(sorted(set(typed["partitions"])))
    return Extent(
        span, words, start_option, typed["consumer"], typed["records"], partitions, typed["skip_damaged"]
    )


def _start(typed: PositionOptions) -> tuple[Start, str]:
    """Where to begin, and that in words."""
    from engine.broker.read_range import Origin, Start

    if typed["start"] is not None:
        return Start(Origin.ZERO, typed["start"]), f"offset {typed['start']}"
    if typed["since"] is not None:
        return Start(Origin.TIME, typed["since"]), units.utc_time(typed["since"])
    if typed["head"]:
        return Start(Origin.BEGINNING, typed["head"]), f"{typed['head']} after the beginning"
    if typed["beginning"] or typed["head"] is not None:
        return Start(Origin.BEGINNING), "the beginning"
    if typed["tail"]:
        return Start(Origin.END, typed["tail"]), f"{typed['tail']} before the end"
    return Start(Origin.END), "now on"


def _check(typed: PositionOptions) -> str:
    """The option that says where to begin, if any; `UsageError` where options contradict each other."""
    starts = {
        "-B": typed["beginning"] or None,
        "-H": typed["head"],
        "-T": typed["tail"],
        "--start": typed["start"],
        "--since": typed["since"],
    }
    chosen = [option for option, value in starts.items() if value is not None]
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} contradict each other: there is one place to begin")
    if typed["partitions"] and typed["all_partitions"]:
        raise click.UsageError("-p and -A contradict each other: name partitions, or read all")
    _check_end(typed, begins=bool(chosen or typed["consumer"]))
    return chosen[0] if chosen else ""


def _check_end(typed: PositionOptions, *, begins: bool) -> None:
    start, end, since, until = typed["start"], typed["end"], typed["since"], typed["until"]
    if end is not None and until is not None:
        raise click.UsageError("--end and --until contradict each other: there is one place to end")
    if start is not None and end is not None and end < start:
        raise click.UsageError(f"--end {end} comes before --start {start}")
    if until is not None and not begins:
        raise click.UsageError("--until is a time gone by: say where to begin, as with -B or --since TIME")
    if since is not None and until is not None and until < since:
        raise click.UsageError("--until comes before --since")
