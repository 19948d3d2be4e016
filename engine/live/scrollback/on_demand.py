"""The scrollback of a workbench, which is there only while a paused pane needs rows before the window."""

import threading
from collections.abc import Callable, Sequence

from engine.live.scrollback.log_pages import Offsets
from engine.live.scrollback.reader import Scrollback
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.stoppable import Stoppables
from engine.live.window.matcher import Matcher


class ScrollbackOnDemand:
    """Any thread may call."""

    def __init__(self, open_one: Callable[[], Scrollback]) -> None:
        """`open_one` opens a scrollback over the topic that the window has."""
        self._open_one = open_one
        self._lock = threading.Lock()
        self._scrollback: Scrollback | None = None
        self._stopped = Stoppables[Scrollback]()
        self._reaching = False
        """Whether rows are read for a pane that is about to be paused."""

    def snapshot(self) -> ScrollbackSnapshot | None:
        scrollback = self._scrollback
        return None if scrollback is None else scrollback.snapshot()

    def show(self, panes: Sequence[ShownPane], matcher: Matcher | None) -> None:
        """Read what these paused panes need; without any, nothing more."""
        with self._lock:
            if panes:
                self._reaching = False
            elif not self._reaching:
                self._drop()
            scrollback = self._scrollback
        if scrollback is None and any(pane.wants_older or pane.unevaluated for pane in panes):
            scrollback = self._opened()
        if scrollback is not None:
            scrollback.show(panes, matcher)

    def reach(self, offsets: Offsets, end_row: int) -> None:
        """As `Scrollback.reach`, for a pane that is paused next."""
        with self._lock:
            # From now on no frame closes the scrollback, until one shows a paused pane.
            self._reaching = True
        self._opened().reach(offsets, end_row)

    def notify(self) -> None:
        """Look again at the consumers and their versions."""
        scrollback = self._scrollback
        if scrollback is not None:
            scrollback.notify()

    def drop(self) -> None:
        """Forget the rows before the window."""
        with self._lock:
            self._drop()

    def close(self) -> None:
        """Wait for the threads that still run."""
        self.drop()
        self._stopped.close()

    def _opened(self) -> Scrollback:
        with self._lock:
            if self._scrollback is None:
                self._scrollback = self._open_one()
            return self._scrollback

    def _drop(self) -> None:
        if self._scrollback is not None:
            self._scrollback.stop()
            self._stopped.add(self._scrollback)
            self._scrollback = None
