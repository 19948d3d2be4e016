"""Writes to a terminal without waiting for it: one that nobody reads must delay neither a key nor the end."""

import os
import select
import termios
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress

MOST_LEFT = 1 << 18
"""Bytes that the terminal has not taken, beyond which writes are skipped."""
CHUNK_THAT_FITS = 1 << 8
"""Bytes of a write to a descriptor that blocks: a terminal that has room has that much."""
CANCEL = b"\x18\x1b\\"
"""Ends a sequence that was cut off."""


class TerminalOutput:
    """Output to a terminal that may be slow, stalled or closed. Belongs to the thread of the event loop.

    What it has no room for waits here, and each write is kept or skipped as a whole.
    """

    def __init__(self, terminal: int, loop: AbstractEventLoop, on_caught_up: Callable[[], object]) -> None:
        """`on_caught_up` is called when the terminal has taken everything, after writes were skipped."""
        self._terminal = terminal
        self._loop = loop
        self._on_caught_up = on_caught_up
        self._descriptor, self._blocks = _opened_again(terminal)
        self._left = bytearray()
        self._waits = False
        """Whether the loop waits for room."""
        self._skipped = False
        self._closed = False

    def write(self, text: str) -> bool:
        """Write a text as soon as there is room; False if it is skipped."""
        if self._closed or len(self._left) > MOST_LEFT:
            self._skipped = True
            return False
        self._left += text.encode(errors="backslashreplace")
        if not self._waits:
            self._send()
        return True

    def drain(self, seconds: float) -> bool:
        """Wait until the terminal has taken everything and has room for more; whether it has."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            has_room = self._has_room(max(left, 0))
            self._send()
            if left <= 0 or (has_room and not self._left):
                return has_room and not self._left

    def discard(self) -> None:
        """Drop what the terminal has not taken, here and in the system's buffer."""
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCOFLUSH)
        self._left[:] = CANCEL

    def close(self) -> None:
        """What is left is lost."""
        self._closed = True
        self._left.clear()
        self._wait(False)
        os.close(self._descriptor)

    def _send(self) -> None:
        while self._left and (not self._blocks or self._has_room(0)):
            try:
                sent = os.write(
                    self._descriptor, self._left[:CHUNK_THAT_FITS] if self._blocks else self._left
                )
            except BlockingIOError:
                break
            except OSError:
                self._lose()
                break
            del self._left[:sent]
        self._wait(bool(self._left))

    def _has_room(self, seconds: float) -> bool:
        return bool(select.select([], [self._descriptor], [], seconds)[1])

    def _wait(self, waits: bool) -> None:
        if waits and not self._waits:
            self._loop.add_writer(self._descriptor, self._continue)
        elif self._waits and not waits:
            self._loop.remove_writer(self._descriptor)
        self._waits = waits

    def _continue(self) -> None:
        self._send()
        if self._skipped and not self._left:
            self._skipped = False
            self._on_caught_up()

    def _lose(self) -> None:
        """The terminal is gone: write nowhere, so that no later message to it fails either."""
        self._left.clear()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._terminal)
        os.dup2(nowhere, self._descriptor, inheritable=False)
        os.close(nowhere)


def _opened_again(terminal: int) -> tuple[int, bool]:
    """A descriptor of its own, and whether writing to it blocks.

    Other programs share the terminal's present descriptor, so that it has to stay one that blocks.
    """
    try:
        return os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK), False
    except OSError:
        # It may belong to another user, or lie outside of a container.
        return os.dup(terminal), True
