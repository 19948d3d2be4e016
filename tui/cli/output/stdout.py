"""Standard output, written one delivery at a time."""

import os
import select
import sys

from engine.consumer.delivery import Delivery
from tui.cli.output.formats import Format
from tui.cli.process.signals import StopRequest
from tui.cli.process.streams import output_named


class Output:
    """Writes to standard output without Python's buffer."""

    def __init__(
        self, make_lines: Format, stop: StopRequest, end: bytes = b"\n", *, faults: bool = False
    ) -> None:
        """`end` is written after each delivery. `faults` says that `make_lines` also makes lines of them."""
        self._make_lines = make_lines
        self._faults = faults
        self._end = end
        self._stop = stop
        self._descriptor = sys.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, 0)

    def write(self, delivery: Delivery) -> None:
        """Write the records that pass; `BrokenPipeError` if the reader is gone.

        If a signal interrupts it, `SystemExit`: when it returns, everything was written.
        """
        lines = self._make_lines(delivery) if self._faults or len(delivery.passed) else b""
        if not lines and not len(delivery.passed):
            self.check_read()
            return
        written: list[int] = []
        try:
            with self._stop.at_once(), output_named():
                self._write_all([memoryview(lines), memoryview(self._end)], written)
        except SystemExit:
            # The reader may send the signal on seeing the last byte; the next step checks for signals too.
            if sum(written) < len(lines) + len(self._end):
                raise

    def _write_all(self, left: list[memoryview], written: list[int]) -> None:
        # Without Python's buffer, which would write again at exit what a signal cut off; and at once, so that
        # lines stay whole beside those of other processes that append to the same file.
        while left:
            # One bytecode step: no signal comes between writing and counting.
            written.extend(map(os.writev, (self._descriptor,), (left,)))
            left = _behind(left, written[-1])

    def check_read(self) -> None:
        """`BrokenPipeError` if the reader is gone, which a pipe reports only when written to or polled."""
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in self._poll.poll(0)):
            raise BrokenPipeError


def _behind(parts: list[memoryview], size: int) -> list[memoryview]:
    """What is left of parts without their first bytes."""
    left = []
    for part in parts:
        left.append(part[size:])
        size = max(size - len(part), 0)
    return [part for part in left if part]
