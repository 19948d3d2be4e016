"""The panel of times: how many records came when, what became of them, and a way to go there."""

import asyncio
import time
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.time_histogram import TimeHistogram, WindowTimes, histogram
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.present import plot, time_bars
from tui.dashboard.present.refresh_limiter import RefreshLimiter
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.words import QUIET, quiet

COUNTS_PER_SECOND = 2
_SCALE = 7
"""Cells beside the bars for their scale."""
_LEAST_HEIGHT = 4


class TimeBars(Widget, can_focus=True):
    """Draws a histogram, with a cursor on one of its buckets."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("times")

    class Chosen(Message):
        """A bucket was chosen to go to."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    found: reactive[TimeHistogram | None] = reactive(None, always_update=True)
    at: reactive[int | None] = reactive(None)
    """A time in the bucket under the cursor; None until it moved."""

    def __init__(self) -> None:
        super().__init__()
        self.consumer: ConsumerSnapshot | None = None
        """Whose verdicts are shown; None for the raw stream."""

    @property
    def buckets(self) -> int:
        """How many have room."""
        return max(self.size.width - _SCALE, 1)

    @property
    def cursor(self) -> int | None:
        """The bucket under the cursor."""
        if self.found is None or self.at is None:
            return None
        place = (self.at - self.found.start) // self.found.width
        return min(max(place, 0), len(self.found) - 1)

    def render(self) -> Content:
        width, height = self.size
        if self.found is None or height < _LEAST_HEIGHT or width <= _SCALE + 1:
            return quiet("counting …" if self.found is None else "")
        return self._drawn(self.found, width, height)

    def _drawn(self, found: TimeHistogram, width: int, height: int) -> Content:
        coloured, filtered = not self.app.no_color, self.consumer is not None
        room, rows = width - _SCALE, height - 3
        first = Content.assemble(
            (f"{units.duration(found.width / 1000)} per bar", QUIET),
            *time_bars.legend(found, filtered=filtered, coloured=coloured),
        )
        if self.cursor is not None:
            first += quiet(f"  ▲ {time_bars.at(found, self.cursor, filtered=filtered)}")
        marks = []
        if self.consumer is not None:
            behind = time.time() - time.monotonic()
            marks = time_bars.marks(found, self.consumer.id, self.consumer.switches, behind)
        labels = plot.mark_labels(marks, range(room), coloured=coloured)
        scale = [units.quantity(int(found.totals.max())), *[""] * (rows - 2), "0"][:rows]
        bars = time_bars.bars(found, rows, coloured=coloured)
        lines = [
            Content.assemble((f"{number:>{_SCALE - 1}} ", QUIET), *bar)
            for number, bar in zip(scale, bars, strict=True)
        ]
        axis = time_bars.axis(found, room)
        if self.cursor is not None:
            axis = f"{axis[: self.cursor]}▲{axis[self.cursor + 1 :]}"
        left = " " * _SCALE
        return Content("\n").join([first, Content.assemble(left, *labels), *lines, quiet(left + axis)])

    def action_move(self, step: int) -> None:
        """Move the cursor by buckets; it begins at the newest."""
        if self.found is not None:
            last = len(self.found) - 1
            place = last if self.cursor is None else self.cursor + step
            self._move(min(max(place, 0), last))

    def action_end(self, end: int) -> None:
        """Move the cursor to the oldest (-1) or the newest (1) bucket."""
        if self.found is not None:
            self._move(0 if end < 0 else len(self.found) - 1)

    def action_go(self) -> None:
        """Go to the first record of the bucket, or of the next one with records."""
        if self.found is None or self.cursor is None:
            return
        rows = self.found.first_rows[self.cursor :]
        rows = rows[rows >= 0]
        if len(rows):
            self.post_message(self.Chosen(int(rows[0])))

    def _move(self, place: int) -> None:
        if self.found is not None:
            self.at = self.found.start + place * self.found.width

    def on_click(self, event: events.Click) -> None:
        if self.found is not None and event.x >= _SCALE:
            self._move(min(event.x - _SCALE, len(self.found) - 1))
            if event.chain == 2:
                self.action_go()


class TimePanel(Tab):
    """Counts the window's records by time, off the drawing thread, while it is open."""

    label, key = "Time", "dashboard.times"

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self._bars = TimeBars()
        self._times = WindowTimes()
        self._limiter = RefreshLimiter(COUNTS_PER_SECOND)
        self._counting = False
        self._snapshot: WorkbenchSnapshot | None = None
        """The last that was to be shown."""
        self._counted: tuple[object, ...] = ()
        """What the histogram was counted from: a pane, the evaluations of it, the room, the records."""

    def compose(self) -> ComposeResult:
        yield self._bars

    @property
    def keys_go_to(self) -> Widget:
        return self._bars

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        self._snapshot = snapshot
        consumer = snapshot.consumer(self._deck.current.consumer)
        evaluated = consumer and (consumer.id, consumer.version)
        wanted = (evaluated, self._bars.buckets, snapshot.window, consumer and consumer.position)
        asked = wanted[:2] != self._counted[:2]
        if wanted != self._counted and not self._counting and (asked or self._limiter.due):
            self._limiter.drew()
            self._counted, self._counting = wanted, True
            self.run_worker(self._count(snapshot, consumer))
        return False

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        return bool(len(snapshot.window))

    def close(self) -> None:
        self._bars.at = None

    async def _count(self, snapshot: WorkbenchSnapshot, consumer: ConsumerSnapshot | None) -> None:
        most = self._bars.buckets

        def count() -> TimeHistogram | None:
            window = snapshot.window
            return histogram(self._times.of(window), window.start_row, consumer, most)

        try:
            found = await asyncio.to_thread(count)
        finally:
            self._counting = False
        self._bars.consumer = consumer
        self._bars.found = found
        if self._bars.buckets != most:
            self.on_resize()

    def on_resize(self) -> None:
        """Count again for as many bars as there is room for now."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def on_time_bars_chosen(self, message: TimeBars.Chosen) -> None:
        self._deck.current.view.select(message.row)
