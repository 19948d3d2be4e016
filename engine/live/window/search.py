"""Searching a window and what is read before it, on threads of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from engine.live.stoppable import Stoppable
from engine.live.window.highlights import Highlights
from engine.live.window.matcher import Matcher, Rows, Span
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch

CLOSE_SECONDS = 1.0
"""How long closing waits for a slice, which takes `SLICE_SECONDS` unless one record takes longer."""

_NO_ROWS: Rows = np.empty(0, np.intp)


class RowBlock(Protocol):
    """Outputs and the row of each."""

    @property
    def rows(self) -> Rows: ...
    @property
    def batch(self) -> Batch: ...


class Search(Stoppable):
    """Finds the rows that a matcher matches. Any thread may call.

    Each row is searched once, so that following a stream costs as much as the stream does. The rows before
    the window are searched by the scrollback, which reads them.
    """

    def __init__(self, matcher: Matcher, wake: Callable[[], None] = lambda: None) -> None:
        """Threads call `wake` on progress."""
        super().__init__("search")
        self.matcher = matcher
        self._wake = wake
        self._highlights = Highlights(self.matcher, wake)
        # Guards what follows.
        self._changed = threading.Condition()
        self._outputs: dict[int, Sequence[RowBlock]] = {}
        """By consumer."""
        self._in_blocks: dict[RowBlock, Rows] = {}
        """The rows that match, of each block that is searched."""
        self._window: WindowSnapshot | None = None
        """The one to search next."""
        self._found: list[Rows] = []
        self._begin_row = 0
        self._end_row = 0
        """The rows from `_begin_row` to before `_end_row` are searched."""
        self._stopped = False
        self._thread.start()

    def show(self, window: WindowSnapshot) -> None:
        """Search a newer window from now on."""
        with self._changed:
            if not self._begin_row <= window.start_row <= self._end_row:
                self._begin_row = self._end_row = window.start_row
                self._found = []
            self._begin_row = max(self._begin_row, window.first_row)
            self._take_older(window)
            self._window = window
            self._changed.notify_all()

    @property
    def hits(self) -> Rows:
        """The rows found so far that are in the window, ascending."""
        with self._changed:
            if len(self._found) > 1 or (self._found and self._found[0][0] < self._begin_row):
                found = np.concatenate(self._found)
                found = found[np.searchsorted(found, self._begin_row) :]
                self._found = [found] if len(found) else []
            return self._found[0] if self._found else _NO_ROWS

    def left(self, window: WindowSnapshot) -> int:
        """How many rows of a window are still to be searched."""
        with self._changed:
            return self._left(window)

    def wait(self, window: WindowSnapshot, seconds: float) -> bool:
        """Wait until a window and all outputs are searched, but no longer than this many seconds.

        Returns whether they are.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._left(window) and self._next_block() is None, seconds
            )

    def show_outputs(self, consumer: int, outputs: Sequence[RowBlock]) -> None:
        """Search what a consumer made as well from now on; blocks that are searched already cost nothing."""
        with self._changed:
            if outputs and outputs != self._outputs.get(consumer):
                self._outputs[consumer] = outputs
                self._changed.notify_all()

    def hits_among(self, outputs: Sequence[RowBlock]) -> Rows:
        """The rows found so far whose outputs match, ascending."""
        with self._changed:
            found = [self._in_blocks[block] for block in outputs if block in self._in_blocks]
        return np.unique(np.concatenate(found)) if found else _NO_ROWS

    def highlight(self, text: str) -> Sequence[Span] | None:
        """As `Highlights.places`."""
        return self._highlights.places(text)

    def wait_for_highlights(self) -> None:
        """As `Highlights.wait`."""
        self._highlights.wait()

    def stop(self) -> None:
        """Have the threads end; they find no more."""
        self._highlights.stop()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """Wait no longer for the threads than a record that takes long."""
        self.stop()
        end = time.monotonic() + CLOSE_SECONDS
        self._thread.join(CLOSE_SECONDS)
        self._highlights.join(max(end - time.monotonic(), 0))

    def _left(self, window: WindowSnapshot) -> int:
        searched = min(self._end_row, window.end_row) - max(self._begin_row, window.first_row)
        return len(window) - max(searched, 0)

    def _take_older(self, window: WindowSnapshot) -> None:
        """Take over what the scrollback has found, the newest page first."""
        while window.before is not None and self._begin_row > window.first_row:
            found = window.before.found_before(self.matcher, self._begin_row)
            if found is None:
                return
            first_row, rows = found
            rows = rows[: np.searchsorted(rows, self._begin_row)]
            self._found[:0] = [rows] if len(rows) else []
            self._begin_row = first_row

    # In the thread.

    def _run(self) -> None:
        while (work := self._next()) is not None:
            if isinstance(work, WindowSnapshot):
                self._search_on(work)
            else:
                self._search_block(work)

    def _next(self) -> WindowSnapshot | RowBlock | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._window or self._next_block())
            window, self._window = self._window, None
            return None if self._stopped else window or self._next_block()

    def _next_block(self) -> RowBlock | None:
        """The newest block that is not searched."""
        every = (block for blocks in self._outputs.values() for block in reversed(blocks))
        return next((block for block in every if block not in self._in_blocks), None)

    def _search_block(self, block: RowBlock) -> None:
        found = [_NO_ROWS]
        for _, indices in self.matcher.scan(block.batch):
            if self._stopped:
                return
            found.append(block.rows[indices])
        with self._changed:
            self._in_blocks[block] = np.concatenate(found)
            known = {one for blocks in self._outputs.values() for one in blocks}
            if len(self._in_blocks) > 2 * len(known):
                self._in_blocks = {one: rows for one, rows in self._in_blocks.items() if one in known}
            self._changed.notify_all()
        self._wake()

    def _search_on(self, window: WindowSnapshot) -> None:
        """Search the rows that came, until there is a newer window."""
        with self._changed:
            end_row = self._end_row
        for chunk in window.batches(end_row):
            end_row = chunk.first_row
            for searched, rows in self.matcher.scan(chunk.batch):
                with self._changed:
                    if self._end_row != end_row:
                        return  # A newer window has made the search begin elsewhere.
                    self._found += [rows + chunk.first_row] if len(rows) else []
                    self._end_row = end_row = chunk.first_row + searched
                    newer = self._stopped or self._window is not None
                    self._changed.notify_all()
                self._wake()
                if newer:
                    return
