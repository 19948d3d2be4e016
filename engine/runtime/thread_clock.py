"""How much time a thread takes, as another thread sees it."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple


class Moment(NamedTuple):
    """A reading of a thread's clocks, in seconds from an arbitrary start."""

    cpu: float
    """CPU time that the thread has used."""
    wall: float


def clock_of_this_thread() -> Callable[[], Moment]:
    """The clock of the thread that calls this; any thread may read it until that thread ends."""
    cpu = _cpu_clock()
    return lambda: Moment(cpu(), time.monotonic())


def _cpu_clock() -> Callable[[], float]:
    if hasattr(time, "pthread_getcpuclockid"):
        return partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))
    # macOS has no such clock. The whole process uses at least as much as one of its threads.
    return time.process_time
