"""The lines that a filter prints, on standard error, up to a limit per second."""

import time
from collections.abc import Callable

import click

from engine import units
from engine.consumer.delivery import Delivery
from tui.cli.process.failures import report
from tui.format import harmless

LINES_PER_SECOND = 10_000


class PrintedLines:
    """Shows lines with the offset of their record, and counts those beyond the limit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = clock()
        self._shown = 0
        self._dropped = 0

    def show(self, delivery: Delivery, only: int | None = None) -> None:
        """Show what was printed for each record of a delivery, or `only` for the one at an index."""
        if delivery.evaluation is None:
            return
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._shown = now, 0
        self._dropped += delivery.evaluation.lost_lines
        for output in delivery.evaluation.printed:
            if only not in (None, output.index):
                continue
            if self._shown == LINES_PER_SECOND:
                self._dropped += 1
                continue
            self._shown += 1
            click.echo(f"{delivery.batch.offset(output.index)}: {harmless(output.text)}", err=True)

    def report_end(self) -> None:
        if self._dropped:
            lines = units.plural(self._dropped, "log line")
            limit = units.rate(LINES_PER_SECOND)
            report(f"{lines} dropped (limit {limit})")
