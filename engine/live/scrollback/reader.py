"""A thread that reads rows before a window back from the log, and evaluates, searches and loads them."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from engine.broker.broker import Broker
from engine.broker.log import READ_RECORDS
from engine.broker.topics import Topic
from engine.errors import EngineError, InternalError
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.scrollback.evaluator import ScrollbackEvaluator
from engine.live.scrollback.log_pages import LogPages, Offsets
from engine.live.scrollback.page import Page
from engine.live.scrollback.page_search import PageSearch
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.scrollback.shown_records import ShownRecords
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.stoppable import Stoppable
from engine.live.window.limits import SCROLLBACK_ROWS
from engine.live.window.matcher import Matcher
from engine.live.window.window import Window
from engine.runtime.config import ModuleConfig

MANY_PAGES = 128
"""Up to this many, every step is shown. Of more, an eighth at a time: a frame goes through all rows."""

_LOG = logging.getLogger(__name__)


class Scrollback(Stoppable):
    """Reads back while it is open. Any thread may call."""

    def __init__(
        self,
        broker: Broker,
        topic: Topic,
        window: Window,
        consumers: Callable[[], Iterable[PaneConsumer]],
        config: ModuleConfig,
        wake: Callable[[], None],
    ) -> None:
        super().__init__(f"scrollback {topic.name}")
        self._broker = broker
        self._topic = topic.name
        self._window = window
        self._consumers = consumers
        self._config = config
        self._wake = wake
        self._log = LogPages(broker, topic)
        self._records = ShownRecords()
        # Guards what follows; reentrant.
        self._changed = threading.Condition()
        # Written by the thread.
        self._pages: deque[Page] = deque()
        self._end_row = window.first_row
        self._positions: Offsets | None = None
        """Where the log is read back to, once that is before all rows that arrived."""
        self._firsts: dict[int, int] = {}
        """By partition, the first offset that has a row."""
        self._evaluators: dict[int, ScrollbackEvaluator] = {}
        self._complete = False
        self._problem = ""
        self._snapshot: ScrollbackSnapshot | None = None
        self._shown_work: tuple[int, object] = (0, None)
        """How many pages were read, evaluated and searched for the last snapshot, and what is done."""
        self._shown_loaded = self._records.loaded
        # Written by callers.
        self._wanted_row = self._wanted_end = self._end_row
        self._wanted_offsets: Offsets = {}
        self._shown: tuple[int, ...] = ()
        self._search = PageSearch()
        self._notified = True
        self._closing = False
        for run in window.arrived(self._end_row, window.end_row).runs:
            self._note(run.partition, run.base_offset)
        self._thread.start()

    def show(self, panes: Sequence[ShownPane], matcher: Matcher | None) -> None:
        """Read, evaluate and load what these panes need, and search for `matcher`."""
        shown = tuple(row for pane in panes for row in pane.rows if row < pane.start_row)
        with self._changed:
            if shown != self._shown:
                self._shown = shown
                self.notify()
            if matcher is not self._search.matcher:
                self._search.stop()
                self._search, self._snapshot = PageSearch(matcher), None
                self.notify()
            for pane in panes:
                if pane.scrolled_back or pane.wants_older or pane.unevaluated:
                    # What has left the window since is read, up to what the pane keeps.
                    self._want(pane.start_row, pane.start_row + pane.unevaluated)
                if pane.wants_older and not self._complete and self._is_read(pane.consumer):
                    # Twice as much as there is, since a filter may pass very little of it.
                    rows = max(READ_RECORDS, pane.start_row - pane.first_row)
                    self._want(pane.first_row - rows, pane.start_row)

    def reach(self, offsets: Offsets, end_row: int) -> None:
        """Read the rows from those of some offsets, by partition, to before `end_row`."""
        with self._changed:
            self._wanted_offsets = dict(offsets)
            # One that was taken before says that nothing more is read: panes would take it for the arrival.
            self._snapshot = None
            self._want(end_row, end_row)
            self.notify()

    def notify(self) -> None:
        """Look again at what is wanted, and at the consumers and their versions."""
        with self._changed:
            self._notified = True
            self._changed.notify()

    def snapshot(self) -> ScrollbackSnapshot:
        with self._changed:
            if self._snapshot is None:
                pages = tuple(self._pages)
                self._snapshot = ScrollbackSnapshot(
                    pages=pages,
                    first_row=self._first_row,
                    end_row=self._end_row,
                    partitions=frozenset(self._firsts),
                    loaded=self._records.loaded,
                    evaluated={identity: one.evaluated(pages) for identity, one in self._evaluators.items()},
                    matcher=self._search.matcher,
                    found=self._search.found,
                    reading=self._reading(),
                    complete=self._complete,
                    problem=self._problem,
                )
            return self._snapshot

    def stop(self) -> None:
        with self._changed:
            self._closing = True
            self._search.stop()
            for evaluator in self._evaluators.values():
                evaluator.interrupt()
            self._changed.notify()

    # Under the lock.

    def _want(self, row: int, end_row: int) -> None:
        if row < self._wanted_row or end_row > self._wanted_end:
            self._wanted_row = min(self._wanted_row, row)
            self._wanted_end = max(self._wanted_end, end_row)
            self._snapshot = None
            self.notify()

    @property
    def _first_row(self) -> int:
        return self._pages[0].first_row if self._pages else self._end_row

    def _is_read(self, consumer: int | None) -> bool:
        if self._reading():
            return False
        evaluator = None if consumer is None else self._evaluators.get(consumer)
        return evaluator is None or evaluator.is_done(self._pages)

    def _reading(self) -> bool:
        complete = self._complete or self._reached()
        return not self._problem and (self._end_row < self._wanted_end or not complete)

    def _reached(self) -> bool:
        return self._first_row <= self._wanted_row and all(
            self._firsts.get(partition, offset + 1) <= offset
            for partition, offset in self._wanted_offsets.items()
        )

    def _note(self, partition: int, offset: int) -> None:
        self._firsts[partition] = min(self._firsts.get(partition, offset), offset)

    # In the thread.

    def _run(self) -> None:
        try:
            while not self._closing:
                with self._changed:
                    self._notified = False
                self._take_versions()
                if self._step():
                    self._publish_much()
                    continue
                self._publish_rest()
                with self._changed:
                    self._changed.wait_for(lambda: self._closing or self._notified)
        except EngineError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - panes would wait without saying why
            self._end(InternalError(error))
        finally:
            for evaluator in self._evaluators.values():
                evaluator.close()

    def _end(self, error: EngineError) -> None:
        _LOG.info("reading back in topic %s ends: %s", self._topic, error.message)
        with self._changed:
            self._complete, self._problem = True, error.message
        self._publish()

    def _publish_much(self) -> None:
        """Publish what was done, unless it is little beside what was shown before."""
        (work, done), (before, done_before) = self._work(), self._shown_work
        loaded = self._records.loaded is not self._shown_loaded
        if work <= MANY_PAGES or loaded or done != done_before or not before <= work < before * 9 / 8:
            self._shown_work, self._shown_loaded = (work, done), self._records.loaded
            self._publish()

    def _publish_rest(self) -> None:
        """Publish what was not worth it until nothing is left to do."""
        if (work := self._work()) != self._shown_work:
            self._shown_work = work
            self._publish()

    def _work(self) -> tuple[int, object]:
        evaluators = self._evaluators.values()
        work = len(self._pages) + len(self._search.found) + sum(one.begun_pages for one in evaluators)
        done = tuple(one.is_done(self._pages) for one in evaluators)
        return work, (self._reading(), self._complete, *done)

    def _publish(self) -> None:
        with self._changed:
            self._snapshot = None
        self._wake()

    def _step(self) -> bool:
        """Do a little of what is to do, what panes show first; whether there was anything."""
        pages = tuple(self._pages)
        if self._records.step(self._shown, pages, self._log) or self._read():
            return True
        steps = [evaluator.step(pages, self._log) for evaluator in self._evaluators.values()]
        return self._search.step(pages, self._log) or any(steps)

    def _take_versions(self) -> None:
        versions = {consumer.id: consumer.module_versions() for consumer in self._consumers()}
        for identity in self._evaluators.keys() | versions.keys():
            modules, evaluator = versions.get(identity, ()), self._evaluators.get(identity)
            if modules == (evaluator.modules if evaluator is not None else ()):
                continue
            before = None
            if evaluator is not None:
                before = evaluator.evaluated(self._pages)
                evaluator.close()
            with self._changed:
                self._evaluators.pop(identity, None)
                if modules and not self._closing:
                    self._evaluators[identity] = ScrollbackEvaluator(modules, self._config, before)
            self._publish()

    def _read(self) -> bool:
        if not self._reading():
            return False
        if self._end_row < self._wanted_end:
            self._read_on()
        else:
            self._read_back()
        return True

    def _read_on(self) -> None:
        """Add what has left the window since."""
        end = min(self._wanted_end, self._end_row + READ_RECORDS)
        runs = self._window.arrived(self._end_row, end).runs
        follows = bool(runs) and runs[0].first_row == self._end_row
        page = self._log.page_of(runs, newest=False) if follows else None
        with self._changed:
            if page is None:
                # Removed or forgotten meanwhile, and so is all before it.
                self._pages.clear()
                self._records = ShownRecords()
                self._positions, self._complete = None, False
                self._end_row = end
                return
            self._pages.append(page)
            self._end_row = page.end_row
            while self._end_row - self._first_row > SCROLLBACK_ROWS:
                dropped = self._pages.popleft()
                for evaluator in self._evaluators.values():
                    evaluator.forget(dropped)
                self._complete = True

    def _read_back(self) -> None:
        """Add the page before all others, or find that there is none."""
        end = self._first_row
        page = self._page_that_arrived(end) if self._positions is None else self._page_before(end)
        with self._changed:
            if page is not None:
                for partition, (first, _) in page.ranges.items():
                    self._note(partition, first)
                self._pages.appendleft(page)
            self._complete = self._complete or self._end_row - self._first_row >= SCROLLBACK_ROWS

    def _page_that_arrived(self, end: int) -> Page | None:
        arrived = self._window.arrived(end - READ_RECORDS, end)
        if arrived.first_row == end:
            self._positions = arrived.positions
            return None
        known = bool(arrived.runs) and arrived.runs[-1].end_row == end
        page = self._log.page_of(arrived.runs) if known else None
        self._complete = page is None
        return page

    def _page_before(self, end: int) -> Page | None:
        assert self._positions is not None
        starts = {p: held.start for p, held in self._broker.log.offsets(self._topic).items()}
        if all(position <= starts[p] for p, position in self._positions.items()):
            self._complete = True
            return None
        page, self._positions = self._log.page_before(end, self._positions, starts)
        return page
