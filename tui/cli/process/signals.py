"""Ctrl-C, SIGTERM and SIGHUP end the program quietly, and everything that it started."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def exit_on_signals() -> None:
    """Let these signals raise `SystemExit` (status 128 + number), so that `finally` blocks run.

    A signal that the parent ignores (`nohup`, a shell's background job) stays ignored.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        _protect_cleanup()
        raise SystemExit(128 + number)

    for number in _not_ignored():
        signal.signal(number, end)


def _not_ignored() -> list[signal.Signals]:
    return [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]


def _protect_cleanup() -> None:
    """Ignore further hang-ups, since a closing terminal sends two; another signal kills at once."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in set(_not_ignored()) - {signal.SIGHUP}:
        signal.signal(number, signal.SIG_DFL)


class StopRequest:
    """Whether a signal has asked the program to end, for work that must not be interrupted anywhere.

    An exception from a signal could leave a lock held or a batch half done; this is checked at safe points.
    """

    def __init__(self, descriptor: int, bell: int) -> None:
        self.descriptor = descriptor
        """Readable once a signal has come, to wait on beside input."""
        self.signal = 0
        """The first signal that came, or 0."""
        self._bell = bell
        self._at_once = False

    def ask(self, number: int, _frame: FrameType | None) -> None:
        _protect_cleanup()
        self.signal = number
        os.write(self._bell, b"\0")
        if self._at_once:
            self.exit()

    def pause(self, seconds: float) -> bool:
        """Wait for some seconds or a signal; whether to continue."""
        return not select.select([self.descriptor], [], [], seconds)[0]

    def exit(self) -> None:
        if self.signal:
            raise SystemExit(128 + self.signal)

    def fulfil(self) -> None:
        """The work that was to end did, in order: the program need not end because of the signal."""
        self.signal = 0

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within this block a signal ends the program at once: for steps that may block."""
        self._at_once = True
        try:
            self.exit()
            yield
        finally:
            self._at_once = False


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Within this block, signals only set the request and make its descriptor readable.

    If the block succeeds after a signal, the program ends.
    """
    readable, writable = os.pipe()
    request = StopRequest(readable, writable)
    previous = {number: signal.signal(number, request.ask) for number in _not_ignored()}
    try:
        yield request
    finally:
        if not request.signal:
            for number, handler in previous.items():
                signal.signal(number, handler)
        os.close(readable)
        os.close(writable)
    request.exit()


@contextmanager
def finish_first() -> Iterator[StopRequest]:
    """Within this block a signal waits: the program ends once the block is done, even if that fails."""
    with stop_request() as stop:
        try:
            yield stop
        finally:
            stop.exit()
