"""What came before a window, while a person scrolls back: a thread reads it from the log and evaluates it."""

import logging
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.broker.broker import Broker
from engine.broker.log import READ_RECORDS
from engine.consumer.module_version import ModuleVersion
from engine.errors import BrokerError, EngineError, InternalError
from engine.live.scrollback.evaluator import Evaluated, ScrollbackEvaluator
from engine.live.scrollback.log_pages import LogPages, Offsets
from engine.live.scrollback.page import Page, Part
from engine.live.window.limits import SCROLLBACK_ROWS
from engine.live.window.window import Window
from engine.records.batch import Batch
from engine.runtime.config import ModuleConfig

VERSIONS_SECONDS = 0.1
"""How often to look for new versions of filters where there is nothing else to do."""

_LOG = logging.getLogger(__name__)


class Evaluating(Protocol):
    """A consumer whose filter evaluates what came before the window, too."""

    @property
    def id(self) -> int:
        """As in its snapshot."""

    def module_version(self) -> ModuleVersion | None:
        """What is shown of it was evaluated with this; None where nothing is."""


@dataclass(frozen=True, slots=True, eq=False)
class ScrollbackSnapshot:
    """What has been read of the rows before a window; follows `Before`."""

    log: LogPages
    pages: tuple[Page, ...]
    end_row: int
    partitions: frozenset[int]
    evaluated: Mapping[int, Evaluated]
    """By consumer."""
    reading: bool
    """Whether more has been asked for, and is to come."""
    complete: bool
    """Whether nothing more can be read: the log begins here, `SCROLLBACK_ROWS` are read, or `problem`."""
    problem: str = ""
    """Why reading ended; or empty."""

    @property
    def first_row(self) -> int:
        """The first row that was read."""
        return self.pages[0].first_row if self.pages else self.end_row

    def locate(self, row: int) -> tuple[Batch, int]:
        """The batch that holds `row`, and the record's index in it.

        Reads the log where the page is not in memory, in some milliseconds. `BrokerError` where the record
        is lost.
        """
        return self.log.records(self._page_of(row)).locate(row)

    def page_before(self, row: int) -> tuple[int, tuple[Part, ...]]:
        """The page that ends before `row`, or has that row in it: its first row, and its records.

        There are no records where one is lost.
        """
        page = self._page_of(row - 1)
        try:
            return page.first_row, self.log.records(page).parts
        except BrokerError:
            return page.first_row, ()

    def row_of(self, partition: int, offset: int) -> int | None:
        """The row of a partition's first record from `offset` on; None where there is none."""
        for page in self.pages:
            _, end = page.ranges.get(partition, (0, 0))
            if end > offset:
                rows, offsets = page.records_of(partition)
                return int(rows[np.searchsorted(offsets, offset)])
        return None

    def _page_of(self, row: int) -> Page:
        return self.pages[bisect_right(self.pages, row, key=lambda page: page.first_row) - 1]


class Scrollback:
    """Reads back for as long as it is open."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        window: Window,
        consumers: Callable[[], Iterable[Evaluating]],
        config: ModuleConfig,
        wake: Callable[[], None],
    ) -> None:
        self._broker = broker
        self._topic = topic
        self._window = window
        self._consumers = consumers
        self._config = config
        self._wake = wake
        self._log = LogPages(broker, topic)
        self._changed = threading.Condition()
        # Written by the thread, under the lock.
        self._pages: deque[Page] = deque()
        self._end_row = window.first_row
        self._positions: Offsets | None = None
        """Where the log has been read back to, once that is before all rows that arrived."""
        self._firsts: dict[int, int] = {}
        """By partition, the first offset of those that have rows."""
        self._evaluators: dict[int, ScrollbackEvaluator] = {}
        self._complete = False
        self._problem = ""
        self._snapshot: ScrollbackSnapshot | None = None
        # Written by who asks, under the lock.
        self._wanted_row = self._end_row
        self._wanted_end = self._end_row
        self._wanted_offsets: Offsets = {}
        self._closing = False
        for run in window.arrived(self._end_row, window.end_row).runs:
            self._note({run.partition: run.base_offset})
        self._thread = threading.Thread(target=self._run, name=f"scrollback {topic}", daemon=True)
        self._thread.start()

    def look_back(self, row: int, end_row: int) -> None:
        """Have the rows from `row` to before `end_row` read, and whatever is between them and the others."""
        with self._changed:
            if row >= self._wanted_row and end_row <= self._wanted_end:
                return
            self._wanted_row = min(self._wanted_row, row)
            self._wanted_end = max(self._wanted_end, end_row)
            self._snapshot = None
            self._changed.notify()

    def reach(self, offsets: Offsets, end_row: int) -> None:
        """Have the rows from those of these offsets, by partition, to before `end_row` read."""
        with self._changed:
            self._wanted_offsets = dict(offsets)
            self._snapshot = None
            self._changed.notify()
        self.look_back(end_row, end_row)

    def snapshot(self) -> ScrollbackSnapshot:
        """What there is now; the same object until that changes."""
        with self._changed:
            if self._snapshot is None:
                pages = tuple(self._pages)
                self._snapshot = ScrollbackSnapshot(
                    self._log,
                    pages,
                    self._end_row,
                    frozenset(self._firsts),
                    {identity: evaluate.evaluated(pages) for identity, evaluate in self._evaluators.items()},
                    self._reading(),
                    self._complete,
                    self._problem,
                )
            return self._snapshot

    def stop(self) -> None:
        """Read and evaluate no more, soon."""
        with self._changed:
            self._closing = True
            for evaluate in self._evaluators.values():
                evaluate.interrupt()
            self._changed.notify()

    @property
    def ended(self) -> bool:
        """Whether its thread has ended."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop, and wait until the thread has ended."""
        self.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing:
                self._take_versions()
                read = self._read()
                evaluated = [evaluate.step(self._pages, self._log) for evaluate in self._evaluators.values()]
                if read or any(evaluated):
                    self._tell()
                    continue
                with self._changed:
                    self._changed.wait_for(lambda: self._closing or self._reading(), VERSIONS_SECONDS)
        except EngineError as error:
            self._give_up(error)
        except Exception as error:  # noqa: BLE001 - whoever waits would not know why
            self._give_up(InternalError(error))
        finally:
            for evaluate in self._evaluators.values():
                evaluate.close()

    def _give_up(self, error: EngineError) -> None:
        _LOG.info("reading back in topic %s ends: %s", self._topic, error.message)
        with self._changed:
            self._complete, self._problem = True, error.message
        self._tell()

    def _tell(self) -> None:
        with self._changed:
            self._snapshot = None
        self._wake()

    def _take_versions(self) -> None:
        """Evaluate as the consumers do: where one has another version now, from the newest page on again."""
        versions = {consumer.id: consumer.module_version() for consumer in self._consumers()}
        for identity in self._evaluators.keys() | versions.keys():
            version, evaluate = versions.get(identity), self._evaluators.get(identity)
            if (version and version.version) != (evaluate and evaluate.version):
                self._replace(identity, evaluate, version)

    def _replace(
        self, identity: int, evaluate: ScrollbackEvaluator | None, version: ModuleVersion | None
    ) -> None:
        before = None if evaluate is None else evaluate.evaluated(self._pages)
        if evaluate is not None:
            evaluate.close()
        with self._changed:
            self._evaluators.pop(identity, None)
            if version is not None and not self._closing:
                self._evaluators[identity] = ScrollbackEvaluator(version, self._config, before)
        self._tell()

    @property
    def _first_row(self) -> int:
        return self._pages[0].first_row if self._pages else self._end_row

    def _reading(self) -> bool:
        if self._problem:
            return False
        return self._end_row < self._wanted_end or (not self._complete and not self._reached())

    def _reached(self) -> bool:
        """Whether all that is wanted has rows."""
        return self._first_row <= self._wanted_row and all(
            self._firsts.get(partition, offset + 1) <= offset
            for partition, offset in self._wanted_offsets.items()
        )

    def _read(self) -> bool:
        """Read a page that is wanted; whether there was one."""
        if self._end_row < self._wanted_end:
            self._read_on()
            return True
        if not self._complete and not self._reached():
            self._read_back()
            return True
        return False

    def _read_on(self) -> None:
        """Add what has left the window since."""
        end = min(self._wanted_end, self._end_row + READ_RECORDS)
        runs = self._window.arrived(self._end_row, end).runs
        follows = bool(runs) and runs[0].first_row == self._end_row
        page = self._log.page_of(runs, newest=False) if follows else None
        with self._changed:
            if page is None:
                # Removed or forgotten meanwhile, and so is what was before it.
                self._pages.clear()
                self._positions, self._complete = None, False
                self._end_row = end
                return
            self._pages.append(page)
            self._end_row = page.end_row
            while self._end_row - self._first_row > SCROLLBACK_ROWS:
                dropped = self._pages.popleft()
                for evaluate in self._evaluators.values():
                    evaluate.forget(dropped)
                self._complete = True

    def _read_back(self) -> None:
        """Add the page before all others, or find that there is none."""
        end = self._first_row
        page = self._page_that_arrived(end) if self._positions is None else self._page_before(end)
        with self._changed:
            if page is not None:
                self._note({p: first for p, (first, _) in page.ranges.items()})
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

    def _note(self, firsts: Mapping[int, int]) -> None:
        for partition, offset in firsts.items():
            self._firsts[partition] = min(self._firsts.get(partition, offset), offset)
