"""Waiting for work that a signal may end: a build, or a module that is compiled."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

from engine.process import Job
from tui.cli.process.signals import StopRequest

LOOK_SECONDS = 0.05
"""Between looks at whether to stop."""

_T = TypeVar("_T")


def unless_stopped(work: Callable[[Job], _T], stop: StopRequest) -> _T:
    """What `work` comes to.

    Told to stop, it ends the program, once nothing of the work is left; `work` ends soon where its job is
    cancelled.
    """
    job = Job()
    with ThreadPoolExecutor(1) as thread:
        # Not in this thread, where a signal's exception could get between a process's start and its end.
        working: Future[_T] = thread.submit(work, job)
        while not wait_for([working], LOOK_SECONDS).done:
            if stop.signal:
                job.cancel()
                stop.exit()
    return working.result()
