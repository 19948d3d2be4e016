"""How much time a thread takes, as another thread sees it."""

import sys
import threading
import time
from typing import NamedTuple


class Moment(NamedTuple):
    """A reading of a thread's clocks, in seconds from an arbitrary start."""

    cpu: float
    """CPU time that the thread has used."""
    wall: float


class ThreadClock:
    """The clock of the thread that makes it; any thread may read it until that thread ends.

    Cheap to make, as each call into a guest makes one; reading takes a system call.
    """

    __slots__ = ("_clock",)

    def __init__(self) -> None:
        self._clock: int | None = None
        if sys.platform != "darwin":  # macOS has no clock of a thread that others can read
            self._clock = time.pthread_getcpuclockid(threading.get_ident())

    def __call__(self) -> Moment:
        # The whole process uses at least as much as one of its threads.
        cpu = time.process_time() if self._clock is None else time.clock_gettime(self._clock)
        return Moment(cpu, time.monotonic())
