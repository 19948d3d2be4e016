"""The options of `consume` that choose a part of a topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import click

from engine import units
from tui.cli.options.completion import names
from tui.cli.options.grouping import only_one, option_group
from tui.cli.options.quantities import PAST_TIME, WholeNumber

if TYPE_CHECKING:
    from engine.broker.read_range import ReadRange, Start
    from engine.records.batch import TimeRange

_COUNT = WholeNumber(0)


class StartOptions(TypedDict):
    """What was typed for where to start."""

    beginning: bool
    head: int | None
    tail: int | None
    start: int | None
    since: int | None


class PositionOptions(StartOptions):
    """What was typed."""

    consumer: str | None
    share: bool
    end: int | None
    until: int | None
    disable_continuous: bool
    records: int | None
    partitions: tuple[int, ...]
    skip_damaged: bool
    all_partitions: bool


_STARTS = (
    click.option(
        "-B", "--beginning", is_flag=True, help="Start at the beginning of the topic, not at its end."
    ),
    click.option("-H", "--head", type=_COUNT, metavar="N", help="Start N records after the beginning."),
    click.option("-T", "--tail", type=_COUNT, metavar="N", help="Start N records before the end."),
    click.option("--start", type=_COUNT, metavar="OFFSET", help="Start at this offset."),
    click.option(
        "--since",
        type=PAST_TIME,
        metavar="TIME",
        help="Records of this time or later: 10m, 2h or 1d ago, 14:30, yesterday, or an ISO 8601 date or "
        "date-time, local unless it has a zone.",
    ),
)
start_options = option_group(*_STARTS)

position_options = option_group(
    *_STARTS,
    click.option(
        "-c",
        "--consumer",
        metavar="NAME",
        shell_complete=names.consumers,
        help="Start where the consumer of this name stopped, and save its position. The options above apply "
        "to partitions without a saved position, and --until stops at the first later record.",
    ),
    click.option(
        "--share",
        is_flag=True,
        help="With -c, share the partitions with other processes that run the same, until each is stopped.",
    ),
    click.option("--end", type=_COUNT, metavar="OFFSET", help="Stop after this offset."),
    click.option(
        "--until",
        type=PAST_TIME,
        metavar="TIME",
        help="Records of this time or earlier, up to the current end of the topic.",
    ),
    click.option("-d", "--disable-continuous", is_flag=True, help="Stop at the current end of the topic."),
    click.option("-n", "--records", type=WholeNumber(1), metavar="N", help="Stop after printing N records."),
    click.option(
        "-p",
        "--partition",
        "partitions",
        type=_COUNT,
        multiple=True,
        metavar="N",
        shell_complete=names.partitions,
        help="Only this partition; repeatable.",
    ),
    click.option(
        "--skip-damaged",
        is_flag=True,
        help="Skip records that are damaged on disk, and report them, instead of stopping there.",
    ),
    click.option("-A", "--all-partitions", is_flag=True, help="All partitions, which is the default."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What part of a topic to read."""

    span: ReadRange
    times: TimeRange | None
    """Which records of that part, by their timestamps; None for all."""
    start: str
    """Where to start, in words."""
    start_option: str
    """The option that says so; empty for none."""
    consumer: str | None
    share: bool
    """Whether other processes may run the same consumer, each with partitions of its own."""
    records: int | None
    """How many records to print at most."""
    partitions: tuple[int, ...]
    """Empty for all."""
    skip_damaged: bool


def extent(typed: PositionOptions) -> Extent:
    """What the options mean; `UsageError` if they contradict each other."""
    start, end, since, until = typed["start"], typed["end"], typed["since"], typed["until"]
    chosen = start_option(typed)
    only_one({"-p": typed["partitions"] or None, "-A": typed["all_partitions"] or None})
    only_one({"--end": end, "--until": until})
    if typed["share"]:
        _check_share(typed)
    if start is not None and end is not None and end < start:
        raise click.UsageError(f"--end {end} is before --start {start}")
    if until is not None and not (chosen or typed["consumer"]):
        raise click.UsageError("--until is in the past: add where to start, e.g. -B or --since TIME")
    if since is not None and until is not None and until < since:
        raise click.UsageError("--until is before --since")
    from engine.broker.read_range import ReadRange

    span_start, words = start_of(typed)
    # The position of a named consumer must not pass a record that it did not print.
    named = typed["consumer"] is not None
    to_end = typed["disable_continuous"] or until is not None
    return Extent(
        span=ReadRange(span_start, end, to_end=to_end, until=until if named else None),
        times=None if named else _times(since, until),
        start=words,
        start_option=chosen,
        consumer=typed["consumer"],
        share=typed["share"],
        records=typed["records"],
        partitions=tuple(sorted(set(typed["partitions"]))),
        skip_damaged=typed["skip_damaged"],
    )


def _check_share(typed: PositionOptions) -> None:
    if typed["consumer"] is None:
        raise click.UsageError("--share is for named consumers: add -c NAME")
    # Which partitions a process has changes, so that it never knows whether it has read them to an end.
    for name, value in (
        ("-p", typed["partitions"] or None),
        ("--end", typed["end"]),
        ("--until", typed["until"]),
        ("-d", typed["disable_continuous"] or None),
    ):
        only_one({"--share": True, name: value})


def start_option(typed: StartOptions) -> str:
    """The option that was typed for where to start, or empty; `UsageError` for several."""
    return only_one(
        {
            "-B": typed["beginning"] or None,
            "-H": typed["head"],
            "-T": typed["tail"],
            "--start": typed["start"],
            "--since": typed["since"],
        }
    )


def _times(since: int | None, until: int | None) -> TimeRange | None:
    if since is None and until is None:
        return None
    from engine.records.batch import TimeRange

    least, greatest = TimeRange().first, TimeRange().last
    return TimeRange(first=least if since is None else since, last=greatest if until is None else until)


def start_of(typed: StartOptions) -> tuple[Start, str]:
    """Where to start, and that in words."""
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
