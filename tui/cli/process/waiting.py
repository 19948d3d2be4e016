"""Waiting for work that a signal may end, such as a build."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

from engine.process.job import Job
from tui.cli.process.signals import StopRequest

LOOK_SECONDS = 0.05
"""Between checks for a signal."""

_T = TypeVar("_T")


def unless_stopped(
    work: Callable[[Job], _T], stop: StopRequest, on_doing: Callable[[str], None] = lambda _: None
) -> _T:
    """The result of `work`, which returns soon once its job is cancelled.

    `on_doing` gets, from another thread, what the job reports. A signal cancels the job, waits for the work,
    and ends the program.
    """
    job = Job(on_doing)
    with ThreadPoolExecutor(1) as thread:
        # In a thread, where no signal's exception can come between the start and the end of a process.
        working: Future[_T] = thread.submit(work, job)
        while not wait_for([working], LOOK_SECONDS).done:
            if stop.signal:
                job.cancel()
                stop.exit()
    return working.result()
