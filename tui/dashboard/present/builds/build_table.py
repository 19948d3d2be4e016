"""The table of a filter's builds, also of earlier sessions, and facts about the one that runs, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from engine import units
from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import Sources
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.stats.counters import Counters
from engine.live.versions.build_history import HistoryEntry
from tui import format
from tui.dashboard.present.columns.cut import pad
from tui.dashboard.present.panes.pane_header import changed_words

GAP = 2
TRIGGER = 24
"""Cells of what triggered a build, at most."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of builds."""

    title: str
    rank: int
    """If the width does not suffice, columns of a high rank are left out."""
    to_the_right: bool = False


COLUMNS = (
    Column("", 0),
    Column("build", 0),
    Column("built", 5),
    Column("trigger", 4),
    Column("took", 6, to_the_right=True),
    Column("module", 7, to_the_right=True),
    Column("passed", 2, to_the_right=True),
    Column("cost/record", 3, to_the_right=True),
    Column("faults", 1, to_the_right=True),
    Column("changed", 0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A build in words."""

    version: int
    text: str
    problem: str
    runs: bool
    kept: bool
    """Whether you can switch to it."""
    started: float
    sources: Sources
    name: str
    """What the row calls it."""


def table(consumer: ConsumerSnapshot, width: int, earlier: Sequence[KeptBuild] = ()) -> tuple[str, list[Row]]:
    """The titles and a row for each build, in at most `width` cells; the `earlier` ones come last."""
    here = {entry.started for entry in consumer.history}
    entries = [*consumer.history, *(_entry(build) for build in earlier if build.started not in here)]
    lines = [_cells(entry, consumer.version) for entry in entries]
    titles = tuple(column.title for column in COLUMNS)
    widths = [max(map(cell_len, cells)) for cells in zip(titles, *lines, strict=True)]
    shown = _fitting(widths, width)
    rows = [
        Row(
            entry.version,
            format.clip(_line(cells, widths, shown), width),
            format.clip(format.harmless(entry.problem), width - GAP - 1),
            0 < entry.version == consumer.version,
            entry.kept,
            entry.started,
            entry.sources,
            cells[1],
        )
        for entry, cells in zip(entries, lines, strict=True)
    ]
    return format.clip(_line(titles, widths, shown), width), rows


def _entry(build: KeptBuild) -> HistoryEntry:
    """A build of an earlier session, without its module."""
    return HistoryEntry(
        version=0,
        trigger=build.trigger,
        started=build.started,
        seconds=None,
        module_size=0 if build.ready else None,
        sources=build.sources,
    )


def running_facts(consumer: ConsumerSnapshot) -> list[tuple[str, str]]:
    """What the running version has done: a label and words for each line."""
    counters = consumer.counters
    if not consumer.version:
        return [("records", "nothing runs yet")]
    cost = f"{units.elapsed(counters.cost_p50)} per record (p50), {units.elapsed(counters.cost_p99)} (p99)"
    skipped = f", {units.count(counters.skipped)} skipped" if counters.skipped else ""
    return [
        ("records", f"{units.count(counters.evaluated)} evaluated, {units.size(counters.bytes)}{skipped}"),
        ("verdicts", _verdicts(counters)),
        ("cost", cost if counters.evaluated else ""),
        ("memory", units.size(counters.memory)),
    ]


def _cells(entry: HistoryEntry, running: int) -> tuple[str, ...]:
    counters = entry.counters
    evaluated = counters.evaluated > 0
    changes = entry.changes
    changed = "" if changes is None else changed_words(changes)[1] if changes.changed else "nothing"
    return (
        _sign(entry, running),
        f"v{entry.version}" if entry.version else format.day(entry.started),
        format.time_of_day(entry.started),
        format.clip(format.harmless(entry.trigger), TRIGGER),
        "" if entry.seconds is None else units.elapsed(entry.seconds),
        units.size(entry.module_size) if entry.module_size else "",
        units.percent(counters.pass_rate) if evaluated else "",
        units.elapsed(counters.cost) if evaluated else "",
        units.count(counters.faults) if evaluated else "",
        changed,
    )


def _sign(entry: HistoryEntry, running: int) -> str:
    if entry.module_size is None:
        return "✗"
    if entry.problem:
        return "■"
    return "●" if 0 < entry.version == running else " "


def _fitting(widths: Sequence[int], width: int) -> list[int]:
    """The indices of the columns to show: the lowest ranks, and each that there is room for."""
    shown: list[int] = []
    room = width + GAP
    for number in sorted(range(len(COLUMNS)), key=lambda number: COLUMNS[number].rank):
        if widths[number] + GAP <= room or not COLUMNS[number].rank:
            shown.append(number)
            room -= widths[number] + GAP
    return sorted(shown)


def _line(cells: Sequence[str], widths: Sequence[int], shown: Sequence[int]) -> str:
    words = (pad(cells[number], widths[number], right=COLUMNS[number].to_the_right) for number in shown)
    return (" " * GAP).join(words).rstrip()


def _verdicts(counters: Counters) -> str:
    share = f" ({units.percent(counters.pass_rate)})" if counters.evaluated else ""
    counted = ((counters.errors, "error"), (counters.traps, "trap"), (counters.timeouts, "timeout"))
    faults = [units.plural(number, noun) for number, noun in counted if number] or ["no faults"]
    passed = f"{units.count(counters.passed)} passed{share}"
    return ", ".join([passed, f"{units.count(counters.dropped)} dropped", *faults])
