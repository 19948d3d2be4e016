"""The panel of times: how many records came when, what happened to them, and a way to go there."""

import asyncio
import threading
import time
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.log_times import LogTimes, over_log
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.time_histogram import TimeHistogram, WindowTimes, histogram
from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import Hints, fitting_hints
from tui.dashboard.present.charts import plot, time_bars
from tui.dashboard.present.refresh_limiter import RefreshLimiter
from tui.dashboard.present.remedies import explain
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.words import QUIET, quiet

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

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

    class WentTo(Message):
        """A time in the log was chosen to go to, in milliseconds since the epoch."""

        def __init__(self, moment: int) -> None:
            super().__init__()
            self.moment = moment

    class Turned(Message):
        """The whole log is to be counted, or what is in memory again."""

    found: reactive[TimeHistogram | None] = reactive(None, always_update=True)
    at: reactive[int | None] = reactive(None)
    """A time in the bucket under the cursor; None until it moved."""

    def __init__(self) -> None:
        super().__init__()
        self.consumer: ConsumerSnapshot | None = None
        """Whose verdicts are shown; None for the raw stream."""
        self.whole = False
        """Whether the whole log is counted, and not what is in memory."""

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
            counting = f"counting {'the log ' if self.whole else ''}…"
            return quiet(counting if self.found is None else "")
        return self._drawn(self.found, width, height)

    def _drawn(self, found: TimeHistogram, width: int, height: int) -> Content:
        coloured = not self.app.no_color
        room, rows = width - _SCALE, height - 3
        first = self._first_line(found, width)
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
            axis = plot.with_cursor(axis, self.cursor)
        left = " " * _SCALE
        return Content("\n").join([first, Content.assemble(left, *labels), *lines, quiet(left + axis)])

    def _first_line(self, found: TimeHistogram, width: int) -> Content:
        """What a bar is, the parts of all bars, and the one under the cursor, which matters most."""
        filtered, about, coloured = self.consumer is not None, self.whole, not self.app.no_color
        bar = Content.styled(f"{units.duration(found.width / 1000)} per bar", QUIET)
        said = bar + Content.assemble(
            *time_bars.legend(found, filtered=filtered, coloured=coloured, about=about)
        )
        if self.cursor is not None:
            at = quiet(f"  ▲ {time_bars.at(found, self.cursor, filtered=filtered, about=about)}")
            said = said + at if said.cell_length + at.cell_length <= width else bar + at
        return (said + quiet(f"  {self._keys(width - said.cell_length - 2)}")).truncate(width, ellipsis=True)

    def _keys(self, cells: int) -> str:
        """What keys do now, in no more than this many cells if possible."""
        move, log = "earlier later", {"log": "in memory" if self.whole else "whole log"}
        go: Hints = {} if self.cursor is None else {"go": "goes there"}
        return fitting_hints(self, "times", ({move: "moves", **go, **log}, {**go, **log}, log), cells)

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
        if self.whole:
            self.post_message(self.WentTo(self.found.start + self.cursor * self.found.width))
            return
        rows = self.found.first_rows[self.cursor :]
        rows = rows[rows >= 0]
        if len(rows):
            self.post_message(self.Chosen(int(rows[0])))

    def action_log(self) -> None:
        """Count the whole log, or what is in memory again."""
        self.whole = not self.whole
        self.found = None
        self.post_message(self.Turned())

    def _move(self, place: int) -> None:
        if self.found is not None:
            self.at = self.found.start + place * self.found.width

    def on_click(self, event: events.Click) -> None:
        if self.found is not None and event.x >= _SCALE:
            self._move(min(event.x - _SCALE, len(self.found) - 1))
            if event.chain == 2:
                self.action_go()


class TimePanel(Tab):
    """Counts records by time, off the drawing thread, while it is open: the window's, or those of the log."""

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
        self._log: LogTimes | None = None
        """The counts of the whole log, as long as they are shown."""
        self._log_asked: tuple[object, ...] = ()
        """The topic and the room for which it is counted."""
        self._log_stopped = threading.Event()

    def compose(self) -> ComposeResult:
        yield self._bars

    @property
    def keys_go_to(self) -> Widget:
        return self._bars

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        self._snapshot = snapshot
        if self._bars.whole:
            self._count_log()
        consumer = snapshot.consumer(self._deck.current.consumer)
        evaluated = consumer and (consumer.id, consumer.version)
        of = (evaluated, self._bars.buckets, self._bars.whole, self._log)
        wanted = (*of, snapshot.window, consumer and consumer.position)
        asked = of != self._counted[: len(of)]
        if wanted != self._counted and not self._counting and (asked or self._limiter.due):
            self._limiter.drew()
            self._counted, self._counting = wanted, True
            self.run_worker(self._count(snapshot, consumer))
        return False

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        return bool(len(snapshot.window))

    def close(self) -> None:
        self._bars.at = self._bars.found = None
        self._bars.whole = False
        self._drop_log()

    def on_unmount(self) -> None:
        self._drop_log()

    def on_time_bars_turned(self) -> None:
        self._drop_log()
        self.on_resize()

    def _drop_log(self) -> None:
        """Count the log no more, and forget what was counted."""
        self._log_stopped.set()
        self._log, self._log_asked = None, ()

    def _count_log(self) -> None:
        """Count the log of the current pane's topic, unless that is done or under way."""
        asked = (self._deck.topic, self._bars.buckets)
        if asked != self._log_asked:
            self._drop_log()
            self._log_asked, self._log_stopped = asked, threading.Event()
            self.run_worker(self._counted_log(self._deck.topic.workbench, self._log_stopped))

    async def _counted_log(self, workbench: "Workbench", stopped: threading.Event) -> None:
        try:
            found = await asyncio.to_thread(workbench.log_times, self._bars.buckets, stopped.is_set)
        except EngineError as error:
            self.notify(format.harmless_lines(explain(error)), severity="error", markup=False)
            found = None
        if not stopped.is_set():
            # Without one, what is in memory is counted again.
            self._log, self._bars.whole = found, found is not None
            self.on_resize()

    async def _count(self, snapshot: WorkbenchSnapshot, consumer: ConsumerSnapshot | None) -> None:
        most, log = self._bars.buckets, self._log

        def count() -> TimeHistogram | None:
            window = snapshot.window
            stamps = self._times.of(window)
            if log is not None:
                return over_log(log, stamps, window.start_row, consumer)
            return histogram(stamps, window.start_row, consumer, most)

        try:
            found = await asyncio.to_thread(count)
        finally:
            self._counting = False
        self._bars.consumer = consumer
        # While the log is being counted, what is in memory says little.
        self._bars.found = None if self._bars.whole and log is None else found
        if self._bars.buckets != most or self._log is not log:
            self.on_resize()

    def on_resize(self) -> None:
        """Count again for as many bars as there is room for now."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def on_time_bars_chosen(self, message: TimeBars.Chosen) -> None:
        self._deck.current.view.select(message.row)
