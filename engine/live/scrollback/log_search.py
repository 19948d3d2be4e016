"""Searches the log before what a pane has loaded, the newest records first, on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.broker.broker import Broker
from engine.broker.topics import Topic
from engine.errors import BrokerUnreachableError, EngineError, InternalError
from engine.live.scrollback.log_pages import LogPages, Offsets
from engine.live.scrollback.page_search import PageSearch
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.stoppable import Stoppable
from engine.live.window.matcher import Matcher
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window

AHEAD = 1_000
"""Hits that are found before anyone goes to them: a frequent text is not searched for in the whole log."""
CLOSE_SECONDS = 1.0
"""How long closing waits for the page that is being read or searched."""
RETRY_SECONDS = 1.0
"""After which a broker that did not answer is asked again."""
WAKE_SECONDS = 0.1
"""How often progress alone is drawn."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProgress:
    """How far a search is."""

    searched: int = 0
    """Offsets, which may have gaps, of the `total` before what was loaded."""
    total: int = 0
    hits: int = 0
    """All that were found."""
    next: Hit | None = None
    """The newest one that was not loaded when the search was to continue; None until it is found."""
    running: bool = False
    """Whether more is being read."""
    complete: bool = False
    """Whether everything is searched."""
    problem: str = ""
    """Why the search waits or has ended, or empty."""


class LogSearch(Stoppable):
    """Reads nothing until it is to `go_on`. Any thread may call."""

    def __init__(
        self, broker: Broker, topic: Topic, window: Window, matcher: Matcher, wake: Callable[[], None]
    ) -> None:
        """The thread calls `wake` on progress."""
        super().__init__(f"search log {topic.name}")
        self.matcher = matcher
        self._broker = broker
        self._topic = topic.name
        self._window = window
        self._wake = wake
        self._woke = 0.0
        self._log = LogPages(broker, topic)
        # Guards what follows.
        self._changed = threading.Condition()
        self._progress = LogProgress()
        self._asked: WindowSnapshot | None = None
        """What is loaded where the search is to continue."""
        self._rests = True
        self._stopped = False
        self._page = PageSearch()
        # Only the thread uses what follows.
        self._begin: Offsets = {}
        """By partition, the offset that the search began before."""
        self._positions: Offsets = {}
        """Everything from these offsets to `_begin` is searched."""
        self._starts: Offsets = {}
        self._hits: list[Hit] = []
        """Those that are not loaded, the newest first."""
        self._thread.start()

    def go_on(self, loaded: WindowSnapshot) -> None:
        """Find the next hit before these rows, soon, and continue after it."""
        with self._changed:
            self._asked, self._rests = loaded, False
            self._progress = replace(self._progress, next=None, running=True, problem="")
            self._changed.notify_all()

    def rest(self) -> None:
        """Stop reading, until it is to continue from here."""
        with self._changed:
            self._asked, self._rests = None, True
            self._page.stop()
            self._progress = replace(self._progress, running=False)

    @property
    def progress(self) -> LogProgress:
        with self._changed:
            return self._progress

    def stop(self) -> None:
        """Have the thread end soon."""
        with self._changed:
            self._stopped = True
            self._page.stop()
            self._changed.notify_all()

    def close(self) -> None:
        """Wait no longer than that for a broker that does not answer."""
        self.stop()
        self._thread.join(CLOSE_SECONDS)

    # In the thread.

    def _run(self) -> None:
        try:
            while self._wait():
                try:
                    self._step()
                except BrokerUnreachableError as error:
                    self._wait_for_broker(error)
        except EngineError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - the search would stand still without saying why
            self._end(InternalError(error))

    def _wait(self) -> bool:
        """Wait until there is something to do; False to end."""
        with self._changed:
            # An empty window is false.
            self._changed.wait_for(lambda: self._stopped or self._asked is not None or self._reads())
            return not self._stopped

    def _reads(self) -> bool:
        return not self._rests and not self._complete() and len(self._hits) < AHEAD

    def _complete(self) -> bool:
        return all(position <= self._starts.get(p, 0) for p, position in self._positions.items())

    def _step(self) -> None:
        with self._changed:
            loaded = self._asked
        if loaded is not None:
            self._take(loaded)
        elif self._search_page():
            self._publish()

    def _take(self, loaded: WindowSnapshot) -> None:
        """Look for what is before these rows; from the beginning if there are records between."""
        before = self._offsets_before(loaded)
        if not self._begin or any(before.get(p, 0) > offset for p, offset in self._begin.items()):
            self._starts = {p: held.start for p, held in self._broker.log.offsets(self._topic).items()}
            self._begin = self._positions = {p: offset for p, offset in before.items() if p in self._starts}
            self._hits = []
            with self._changed:
                self._progress = replace(self._progress, hits=0)
        self._hits = [hit for hit in self._hits if hit.offset < before.get(hit.partition, 0)]
        self._positions = {p: min(offset, before.get(p, offset)) for p, offset in self._positions.items()}
        with self._changed:
            if self._asked is loaded:
                self._asked = None
        self._publish()

    def _offsets_before(self, loaded: WindowSnapshot) -> Mapping[int, int]:
        """By partition, the offset before which nothing is loaded."""
        found = self._window.positions(loaded.start_row)
        if isinstance(loaded.before, ScrollbackSnapshot):
            for page in loaded.before.pages:
                for partition, (first, _) in page.ranges.items():
                    found[partition] = min(found.get(partition, first), first)
        return found

    def _search_page(self) -> bool:
        """Search the page before those that are searched; False if it was stopped."""
        with self._changed:
            search = self._page = PageSearch(self.matcher)
            if self._rests or self._stopped:
                return False
        page, positions = self._log.page_before(0, self._positions, self._starts)
        if page is None:
            self._positions = positions
            return True
        if not search.step((page,), self._log):
            return False
        self._positions = positions
        found = [Hit(*page.place(int(row))) for row in reversed(search.found[page])]
        self._hits += found
        with self._changed:
            self._progress = replace(self._progress, hits=self._progress.hits + len(found))
        return True

    def _publish(self) -> None:
        with self._changed:
            before = self._progress
            awaited = self._asked is not None
            found = self._hits[0] if self._hits and not awaited and not self._rests else None
            self._progress = replace(
                before,
                searched=sum(self._begin[p] - position for p, position in self._positions.items()),
                total=sum(max(offset - self._starts[p], 0) for p, offset in self._begin.items()),
                next=before.next or found,
                running=awaited or self._reads(),
                complete=self._complete(),
                problem="",
            )
            after = self._progress
        news = (before.next, before.running) != (after.next, after.running)
        if news or time.monotonic() - self._woke >= WAKE_SECONDS:
            self._woke = time.monotonic()
            self._wake()

    def _wait_for_broker(self, error: EngineError) -> None:
        _LOG.info("the search of topic %s waits: %s", self._topic, error.message)
        with self._changed:
            self._progress = replace(self._progress, problem=error.message)
        self._wake()
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, RETRY_SECONDS)

    def _end(self, error: EngineError) -> None:
        _LOG.info("the search of topic %s ends: %s", self._topic, error.message)
        with self._changed:
            self._progress = replace(self._progress, running=False, problem=error.message)
        self._wake()
