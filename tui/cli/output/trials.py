"""What `smartstream test` prints: a table for people, and formats that other programs read."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import click

from engine import units
from engine.records.record_json import fault_object, object_of, output_object
from engine.regression.trial import Trial
from tui import format
from tui.cli.output.colour import verdict_colour
from tui.cli.output.formats import labelled
from tui.dashboard.present.signs import VERDICT_WORDS

VALUE_CELLS = 100
"""Terminal cells of a value that are shown."""
_INDENT = "    "


class TrialReport(ABC):
    """Prints trials in the order in which they are added."""

    @abstractmethod
    def add(self, trial: Trial) -> None:
        """Print a trial, or keep it for the end."""

    def end(self) -> None:  # noqa: B027 - most have printed everything
        """Print what is left."""


class Table(TrialReport):
    """A line per trial and what is under it."""

    def __init__(self, coloured: bool) -> None:
        self._coloured = coloured

    def add(self, trial: Trial) -> None:
        click.echo(trial_text(trial, coloured=self._coloured), color=self._coloured)


class Failures(TrialReport):
    """Only what is not as expected, or that first and then the rest."""

    def __init__(self, most: int, *, rest: bool, coloured: bool = False) -> None:
        self._table = Table(coloured)
        self._most = most
        self._rest: list[Trial] | None = [] if rest else None
        self._failures = 0

    def add(self, trial: Trial) -> None:
        if trial.as_expected:
            if self._rest is not None:
                self._rest.append(trial)
            return
        self._failures += 1
        if self._failures <= self._most:
            self._table.add(trial)

    def end(self) -> None:
        if self._failures > self._most:
            click.echo(f"… {self._failures - self._most:,} more: show them with --max {self._failures}")
        for trial in self._rest or ():
            self._table.add(trial)


class JsonLines(TrialReport):
    """An object per trial."""

    def add(self, trial: Trial) -> None:
        click.echo(_json(trial))


class Tap(TrialReport):
    """The Test Anything Protocol, version 14."""

    def __init__(self) -> None:
        self._count = 0
        click.echo("TAP version 14")

    def add(self, trial: Trial) -> None:
        self._count += 1
        ok = "ok" if trial.as_expected else "not ok"
        click.echo(f"{ok} {self._count} - {_title(trial).replace('#', chr(92) + '#')}")
        if not trial.as_expected:
            block = ["---", "message: |", *(f"  {line}" for line in trial_text(trial).splitlines()), "..."]
            click.echo("\n".join(f"  {line}" for line in block))

    def end(self) -> None:
        click.echo(f"1..{self._count}")


class JUnit(TrialReport):
    """The XML that continuous integration reads, at the end, since it begins with the counts."""

    def __init__(self, name: str) -> None:
        self._name = quoteattr(name)
        self._trials: list[Trial] = []

    def add(self, trial: Trial) -> None:
        self._trials.append(trial)

    def end(self) -> None:
        failures = sum(not trial.as_expected for trial in self._trials)
        seconds = sum(trial.seconds for trial in self._trials)
        counts = f'tests="{len(self._trials)}" failures="{failures}" errors="0" time="{seconds:.6f}"'
        click.echo('<?xml version="1.0" encoding="UTF-8"?>')
        click.echo(f"<testsuites>\n<testsuite name={self._name} {counts}>")
        for trial in self._trials:
            click.echo(self._case(trial))
        click.echo("</testsuite>\n</testsuites>")

    def _case(self, trial: Trial) -> str:
        title = quoteattr(_title(trial))
        case = f'<testcase classname={self._name} name={title} time="{trial.seconds:.6f}"'
        if trial.as_expected:
            return f"{case}/>"
        text = quoteattr(trial_text(trial), {"\n": "&#10;"})
        return f"{case}><failure message={text}/></testcase>"


def trial_text(trial: Trial, *, coloured: bool = False) -> str:
    """A line with the verdict, the offset, the cost and the value; below it what else there is to say."""
    record = trial.case.record
    cost = units.elapsed(trial.seconds)
    value = format.value_line(memoryview(record.value or b""), VALUE_CELLS)
    label = f"{labelled(trial.verdict):<9}"
    label = verdict_colour(trial.verdict, label) if coloured else label
    lines = [f"{label}  {record.offset:>6}  {cost:>8}  {value}".rstrip()]
    if trial.fault is not None:
        place = f" at {trial.fault.location}" if trial.fault.location else ""
        message = format.harmless_lines(f"{trial.fault.message}{place}")
        lines += [_INDENT + line for line in message.splitlines()]
    if trial.outputs is not None:
        lines += [f"{_INDENT}→ {_output(*output)}" for output in trial.outputs]
    lines += [f"{_INDENT}printed: {format.harmless(line)}" for line in trial.printed]
    if trial.lost:
        lines.append(f"{_INDENT}{units.plural(trial.lost, 'log line')} dropped")
    if trial.case.expected is not None and not trial.as_expected:
        lines.append(f"{_INDENT}expected {labelled(trial.case.expected)}")
        lines += [f"{_INDENT}expected → {_output(*output)}" for output in trial.case.outputs or ()]
    return "\n".join(lines)


def summary(trials: Sequence[Trial]) -> str:
    """How many trials there are of each verdict, and how many are not as expected."""
    counts = Counter(trial.verdict for trial in trials)
    words = [
        f"{number:,} {VERDICT_WORDS[verdict]}" for verdict in VERDICT_WORDS if (number := counts[verdict])
    ]
    unexpected = sum(trial.case.expected is not None and not trial.as_expected for trial in trials)
    if unexpected:
        words.append(f"{unexpected:,} mismatch{'' if unexpected == 1 else 'es'}")
    return f"fluvio-tui: {units.plural(len(trials), 'record')}{': ' if words else ''}{', '.join(words)}"


def _title(trial: Trial) -> str:
    record = trial.case.record
    return f"{record.offset}: {format.value_line(memoryview(record.value or b''), VALUE_CELLS)}"


def _output(key: bytes | None, value: bytes | None) -> str:
    named = "" if key is None else f"{format.value_line(memoryview(key), VALUE_CELLS)}: "
    shown = "(tombstone)" if value is None else format.value_line(memoryview(value), VALUE_CELLS)
    return f"{named}{shown}"


def _json(trial: Trial) -> str:
    fault = trial.fault
    found = {
        **object_of(trial.case.record),
        "verdict": VERDICT_WORDS[trial.verdict],
        "expected": None if trial.case.expected is None else VERDICT_WORDS[trial.case.expected],
        "outputs": None
        if trial.outputs is None
        else [output_object(key, value) for key, value in trial.outputs],
        "message": None,
        "location": None,
        **({} if fault is None else fault_object(fault)),
        "printed": trial.printed,
        "lost": trial.lost,
        "nanoseconds": round(trial.seconds * 1e9),
    }
    return json.dumps(found, ensure_ascii=False)
