"""What Ctrl-C, SIGTERM and SIGHUP do: end the program quietly, with everything it started ended too."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_quietly_on_signals() -> None:
    """From now on these signals raise `SystemExit` (status 128 + number), so that `finally` blocks run.

    A signal that the parent had us ignore (`nohup`, a shell's background job) stays ignored.
    """
    for number in _not_ignored():
        signal.signal(number, _end)


def _not_ignored() -> list[signal.Signals]:
    return [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]


def _end(number: int, _frame: FrameType | None) -> None:
    _let_clean_up_finish()
    raise SystemExit(128 + number)


def _let_clean_up_finish() -> None:
    """Ignore further hang-ups (they come twice when a terminal closes); a second Ctrl-C kills at once."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class StopRequest:
    """Whether a signal has asked the program to end; for work that must not be cut off in the middle."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        """Readable once a signal has come: wait on it beside what is read."""
        self.signal = 0
        """The first signal that came, or 0."""

    def exit(self) -> None:
        """End the program as the signal asked, where one came."""
        if self.signal:
            raise SystemExit(128 + self.signal)


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Within this block the ending signals only set the request and make its descriptor readable."""
    readable, writable = os.pipe()
    request = StopRequest(readable)

    def ask(number: int, _frame: FrameType | None) -> None:
        _let_clean_up_finish()
        request.signal = number
        os.write(writable, b"\0")

    previous = {number: signal.signal(number, ask) for number in _not_ignored()}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(readable)
        os.close(writable)
