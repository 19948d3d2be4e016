"""Time limits on a busy machine: they count CPU time, so that load makes no record look slow."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from engine.runtime.thread_clock import ThreadClock
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import SPIN, STACK, guest, letters, when
from tests.waiting import PATIENCE, wait_until

BUSY_LOOPS = 8
PINS = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no thread to a CPU")
CALIBRATED = 2_000_000


def spinning(times: int) -> bytes:
    """A guest whose `s` takes some CPU time, and whose `L` never ends."""
    slow = f"(call $spin (i32.const {times})) (i32.const 1)"
    return guest(when("s", slow, when("L", "(call $spin_for_ever) (i32.const 1)")), fields=SPIN + STACK)


def taking(seconds: float) -> bytes:
    """A guest whose `s` takes so many seconds of CPU time on this machine."""
    with SmartStream(spinning(CALIBRATED), config=limited(record_seconds=PATIENCE)) as stream:
        used = []
        for _ in range(3):
            began = time.thread_time()
            stream.evaluate(letters("s"))
            used.append(time.thread_time() - began)
    return spinning(int(CALIBRATED * seconds / min(used)))


@pytest.fixture
def crowded() -> Iterator[None]:
    """This thread shares one CPU with busy loops of other processes."""
    before = os.sched_getaffinity(0)
    chosen = {max(before)}
    with ExitStack() as stack:
        for _ in range(BUSY_LOOPS):
            loop = subprocess.Popen([sys.executable, "-Sc", "print(flush=True)\nwhile True: pass"], stdout=-1)
            stack.enter_context(loop)
            stack.callback(loop.kill)
            os.sched_setaffinity(loop.pid, chosen)
            assert loop.stdout is not None
            loop.stdout.readline()
        stack.callback(os.sched_setaffinity, 0, before)
        os.sched_setaffinity(0, chosen)
        yield


@PINS
def test_load_blames_no_record_and_lets_none_run_for_ever(crowded: None) -> None:
    wasm = taking(0.03)
    with SmartStream(wasm, config=limited(record_seconds=0.1)) as stream:
        stream.evaluate(letters("p"))
        assert stream.evaluate(letters("sssss")).verdicts.tolist() == [Verdict.PASS] * 5
        began = time.monotonic()
        assert stream.evaluate(letters("Lp")).verdicts.tolist() == [Verdict.TIMEOUT, Verdict.PASS]
        assert time.monotonic() - began < PATIENCE


def test_clock_of_a_thread_counts_that_thread_only() -> None:
    release = threading.Event()
    clocks = []

    def wait() -> None:
        clocks.append(ThreadClock())
        release.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: clocks)
    before, own = clocks[0](), ThreadClock()
    try:
        began = own().cpu
        while own().cpu - began < 0.1:
            pass
        if hasattr(time, "pthread_getcpuclockid"):
            assert clocks[0]().cpu - before.cpu < 0.05
        assert clocks[0]().wall - before.wall > 0
    finally:
        release.set()
        thread.join()


def test_limits_hold_where_threads_have_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with SmartStream(taking(0.005), config=limited(record_seconds=0.1)) as stream:
        found = stream.evaluate(letters("spLsp"))
    assert found.verdicts.tolist() == [1, 1, Verdict.TIMEOUT, 1, 1]
    clock = ThreadClock()
    before, began = clock().cpu, time.thread_time()
    while time.thread_time() - began < 0.01:
        pass
    assert clock().cpu - before >= 0.01, "time that is computed counts, and not only that which passes"
