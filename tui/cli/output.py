"""Standard output, written a delivery at a time."""

import os
import select
import sys

from engine.consumer import Delivery
from tui.cli.formats import Format
from tui.cli.signals import StopRequest


class Output:
    """Standard output as it is, past Python's buffer."""

    def __init__(self, make_lines: Format, stop: StopRequest, end: bytes = b"\n") -> None:
        """`end` is written after each delivery."""
        self._make_lines = make_lines
        self._end = end
        self._stop = stop
        self._descriptor = sys.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, 0)

    def write(self, delivery: Delivery) -> None:
        """Write the records that pass; `BrokenPipeError` where nobody reads any more."""
        if not len(delivery.passed):
            self.check_read()
            return
        lines = self._make_lines(delivery)
        with self._stop.at_once():
            self._write_all(memoryview(lines))
            self._write_all(memoryview(self._end))

    def _write_all(self, left: memoryview) -> None:
        # Past Python's buffer: what a signal cuts off must not be written again at exit.
        while left:
            left = left[os.write(self._descriptor, left) :]

    def check_read(self) -> None:
        """`BrokenPipeError` where nobody reads any more: a pipe tells so only when written to, or asked."""
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in self._poll.poll(0)):
            raise BrokenPipeError
