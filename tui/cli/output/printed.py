"""The lines that SmartStreams print, on standard error."""

import time
from collections.abc import Callable

import click

from engine import units
from engine.consumer.delivery import Delivery
from tui.cli.process.failures import report
from tui.format import harmless

LINES_PER_SECOND = 10_000
"""What a terminal gets: nobody reads more, and a slow one would hold up the records."""


class PrintedLines:
    """Shows lines with the offset of their record.

    A file or a pipe gets all of them, however long it takes; a terminal up to a limit, and those beyond it
    are counted.
    """

    def __init__(self, *, terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """`terminal` says that standard error is one."""
        self._limit = LINES_PER_SECOND if terminal else None
        self._clock = clock
        self._second = clock()
        self._shown = 0
        self._dropped = 0
        self._lost = 0

    def show(self, delivery: Delivery, only: int | None = None) -> None:
        """Show what was printed for each record of a delivery, or `only` for the one at an index."""
        if delivery.evaluation is None:
            return
        self._lost += delivery.evaluation.lost_lines
        printed = [line for line in delivery.evaluation.printed if only in (None, line.index)]
        shown = printed[: self._room()]
        self._shown += len(shown)
        self._dropped += len(printed) - len(shown)
        if shown:
            lines = (f"{delivery.batch.offset(line.index)}: {harmless(line.text)}" for line in shown)
            click.echo("\n".join(lines), err=True)

    def _room(self) -> int | None:
        """How many lines may be shown now; None for any number."""
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._shown = now, 0
        return None if self._limit is None else self._limit - self._shown

    def report_end(self) -> None:
        if self._dropped:
            limit = units.rate(LINES_PER_SECOND)
            report(f"{_dropped(self._dropped)} (a terminal gets {limit}; '2> FILE' gets all)")
        if self._lost:
            report(f"{_dropped(self._lost)} (a record printed more than is kept of one)")


def _dropped(lines: int) -> str:
    return f"{units.plural(lines, 'log line')} dropped"
