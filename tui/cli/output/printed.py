"""What a filter prints, on standard error: only so much a second, lest a terminal or a disk drown in it."""

import time
from collections.abc import Callable

import click

from engine import units
from engine.consumer.consumer import Delivery
from tui.dashboard.present.format import harmless

LINES_A_SECOND = 10_000


class PrintedLines:
    """Shows lines beside the offset of the record in hand, and counts those that it does not show."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = clock()
        self._shown = 0
        self._left_out = 0

    def show(self, delivery: Delivery, only: int | None = None) -> None:
        """Show what was printed of each record of a delivery, or of the one at an index."""
        if delivery.evaluation is None:
            return
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._shown = now, 0
        self._left_out += delivery.evaluation.lost_lines
        for output in delivery.evaluation.printed:
            if only not in (None, output.index):
                continue
            if self._shown == LINES_A_SECOND:
                self._left_out += 1
                continue
            self._shown += 1
            click.echo(f"{delivery.batch.offset(output.index)}: {harmless(output.text)}", err=True)

    def say_end(self) -> None:
        """Say how many lines were left out, where any were."""
        if self._left_out:
            lines = units.plural(self._left_out, "line")
            click.echo(f"fluvio-tui: {lines} of the filter's left out: it printed too much", err=True)
