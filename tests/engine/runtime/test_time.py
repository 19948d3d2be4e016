"""Time limits affect the slow record only; interruption and closing end a call at once."""

import ctypes
import threading

import pytest

from engine.errors import ContractError, SmartStreamError
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Verdict
from engine.runtime.call_size import CALL_SECONDS, CallSize
from engine.runtime.limits import GUEST_PATIENCE, Limits
from engine.runtime.smartstream import SmartStream
from engine.runtime.thread_clock import Moment
from engine.runtime.watchdog import EndReason, WatchedCall
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import SPIN, STACK, guest, letters, when
from tests.waiting import PATIENCE, wait_until

LOOPS = when("L", "(call $spin_for_ever) (i32.const 1)", when("d", "(i32.const 0)"))
SLOW = when("s", "(call $spin (i32.const 5000000)) (i32.const 1)", when("d", "(i32.const 0)"))
"""A value that begins with `s` takes several milliseconds."""


class Evaluation:
    """An `evaluate` in a thread of its own."""

    def __init__(self, stream: SmartStream, text: str) -> None:
        self._stream = stream
        self._text = text
        self.evaluation: Evaluation | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.evaluation = self._stream.evaluate(letters(self._text))

    def join(self) -> Evaluation:
        self._thread.join(PATIENCE)
        assert self.evaluation is not None, "evaluate returned"
        return self.evaluation


@pytest.mark.parametrize("fields", [SPIN, SPIN + STACK], ids=["fresh instances", "same instance"])
def test_endless_record_times_out_alone(fields: str) -> None:
    with SmartStream(guest(LOOPS, fields=fields), config=limited(record_seconds=0.05)) as stream:
        evaluation = stream.evaluate(letters("pdLpLLdp"))
    assert evaluation.verdicts.tolist() == [1, 0, 4, 1, 4, 4, 0, 1]
    assert [fault.index for fault in evaluation.faults] == [2, 4, 5]
    assert {fault.message for fault in evaluation.faults} == {"took longer than 50 ms"}
    assert evaluation.evaluated == 8


def test_records_behind_slow_ones_are_not_blamed() -> None:
    """The whole call takes longer than any of its records may."""
    config = limited(record_seconds=0.2, call_seconds=PATIENCE)
    with SmartStream(guest(SLOW, fields=SPIN), config=config) as stream:
        stream.evaluate(letters("d" * 200))
        before = stream.calls
        text = "s" * 100 + "d"
        evaluation = stream.evaluate(letters(text))
        assert stream.calls == before + 1
        assert evaluation.verdicts.tolist() == [1] * 100 + [0]


class Clock:
    """A thread's clock, set by hand."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def __call__(self) -> Moment:
        return Moment(self.cpu, self.wall)

    def pass_by(self, wall: float, *, cpu: float) -> None:
        self.wall += wall
        self.cpu += cpu


STEPS_PER_LIMIT = 16


def observed(call: WatchedCall, clock: Clock, steps: int, *, cpu: float) -> list[EndReason | None]:
    """What a call is found to be at steps of a 64th of a second, for a share of which it had the CPU."""
    found = []
    for _ in range(steps):
        clock.pass_by(1 / 64, cpu=cpu / 64)
        found.append(call.observe())
    return found


def ends_after(found: list[EndReason | None]) -> bool:
    return found == [None] * (len(found) - 1) + [EndReason.RECORD_TIMEOUT]


def watched(clock: Clock) -> WatchedCall:
    """A call that stays at one record, which it was just seen to have reached."""
    call = WatchedCall(Limits(record_seconds=STEPS_PER_LIMIT / 64), 1 / 64, ctypes.c_uint32(3), 0, clock)
    assert call.observe() is None
    return call


def test_suspended_process_blames_no_record() -> None:
    call = watched(clock := Clock())
    clock.pass_by(3600, cpu=0.0)
    assert call.observe() is None
    assert ends_after(observed(call, clock, STEPS_PER_LIMIT, cpu=1))


def test_record_has_its_time_limit_in_cpu_time() -> None:
    call = watched(clock := Clock())
    assert ends_after(observed(call, clock, 4 * STEPS_PER_LIMIT, cpu=0.25))


def test_record_that_gets_no_cpu_time_ends_too() -> None:
    call = watched(clock := Clock())
    assert ends_after(observed(call, clock, GUEST_PATIENCE * STEPS_PER_LIMIT, cpu=0))


def test_other_threads_count_for_no_more_than_the_time_that_passed() -> None:
    call = watched(clock := Clock())
    assert ends_after(observed(call, clock, STEPS_PER_LIMIT, cpu=8))


def test_call_that_gets_slow_is_divided() -> None:
    config = limited(record_seconds=PATIENCE, call_seconds=0.1)
    with SmartStream(guest(SLOW, fields=SPIN + STACK), config=config) as stream:
        stream.evaluate(letters("d" * 200))
        before = stream.calls
        evaluation = stream.evaluate(letters("s" * 100 + "d"), budget=0.05)
        assert 0 < evaluation.evaluated < 101
        assert stream.calls == before + 1
        assert evaluation.faults == ()
        rest = stream.evaluate(letters("s" * (100 - evaluation.evaluated) + "d"))
        assert rest.verdicts.tolist() == [1] * (100 - evaluation.evaluated) + [0]
        assert stream.restarts >= 1, "the heap may be torn"


def test_call_size_follows_measured_times() -> None:
    size = CallSize()
    for records in (1, 16, 256, 4096, 65536):
        assert size.records == records
        size.measured(records, 0.0001)
    size.measured(10, 10 * CALL_SECONDS)
    assert size.records == 1
    size.measured(1, CALL_SECONDS / 8)
    assert size.records == 8
    size.measured(2, CALL_SECONDS / 2)
    assert size.records == 8, "a small batch that took little time is no evidence"


def test_interruption_ends_the_running_call() -> None:
    with SmartStream(guest(LOOPS, fields=SPIN), config=limited(record_seconds=PATIENCE)) as stream:
        before = stream.calls
        evaluation = Evaluation(stream, "pdLp")
        wait_until(lambda: stream.calls >= before + 3)
        stream.interrupt()
        evaluation = evaluation.join()
        assert evaluation.verdicts[evaluation.evaluated :].tolist() == [Verdict.PENDING] * (
            4 - evaluation.evaluated
        )
        assert evaluation.verdicts[: evaluation.evaluated].tolist() == [1, 0][: evaluation.evaluated]
        assert evaluation.faults == ()
        assert stream.evaluate(letters("pdp")).verdicts.tolist() == [1, 0, 1]


def test_interruption_between_evaluations_ends_the_next() -> None:
    with SmartStream(guest()) as stream:
        stream.interrupt()
        assert stream.evaluate(letters("pp")).evaluated == 0
        assert stream.evaluate(letters("pp")).evaluated == 2


def test_interruption_before_the_first_record() -> None:
    enter = """
        (if (i32.eq (i32.load8_u (i32.load offset=36 (local.get $header))) (i32.const 76))
          (then (call $spin_for_ever)))"""
    config = limited(start_seconds=PATIENCE)
    with SmartStream(guest(enter=enter, fields=SPIN), config=config) as stream:
        before = stream.calls
        evaluation = Evaluation(stream, "Lp")
        wait_until(lambda: stream.calls >= before + 2)
        stream.interrupt()
        assert evaluation.join().evaluated == 0
        assert stream.evaluate(letters("pp")).evaluated == 2


def test_closing_ends_the_running_call() -> None:
    stream = SmartStream(guest(LOOPS, fields=SPIN), config=limited(record_seconds=PATIENCE))
    before = stream.calls
    evaluation = Evaluation(stream, "LLLL")
    wait_until(lambda: stream.calls >= before + 2)
    stream.close()
    assert evaluation.join().evaluated == 0
    with pytest.raises(SmartStreamError, match="is closed"):
        stream.evaluate(letters("p"))


def test_interruptions_from_many_threads() -> None:
    text = "pd" * 500
    stopping = threading.Event()
    with SmartStream(guest(LOOPS, fields=SPIN + STACK)) as stream:

        def interrupt() -> None:
            while not stopping.wait(0.0005):
                stream.interrupt()

        threads = [threading.Thread(target=interrupt) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(60):
                rest = letters(text)
                while len(rest):
                    evaluation = stream.evaluate(rest)
                    start = rest.first_offset
                    evaluated = evaluation.verdicts[: evaluation.evaluated].tolist()
                    assert evaluated == ([1, 0] * 500)[start : start + len(evaluated)]
                    rest = rest.slice(evaluation.evaluated, len(rest))
        finally:
            stopping.set()
            for thread in threads:
                thread.join()


def test_interruption_ends_its_own_smartstream_only() -> None:
    config = limited(record_seconds=PATIENCE)
    wasm = guest(LOOPS, fields=SPIN)
    with (
        SmartStream(wasm, config=config) as one,
        SmartStream(wasm, config=config) as other,
    ):
        before = one.calls, other.calls
        first, second = Evaluation(one, "L"), Evaluation(other, "L")
        wait_until(lambda: one.calls >= before[0] + 2 and other.calls >= before[1] + 2)
        one.interrupt()
        assert first.join().evaluated == 0
        assert second.evaluation is None
        other.interrupt()
        assert second.join().evaluated == 0


def test_threads_end_with_their_smartstream() -> None:
    before = set(threading.enumerate())
    with SmartStream(guest()) as stream:
        stream.evaluate(letters("p"))
        assert set(threading.enumerate()) - before
    # Those of earlier tests may end meanwhile.
    assert set(threading.enumerate()) <= before
    with SmartStream(guest("(i32.const 9)")) as stream, pytest.raises(ContractError):
        stream.evaluate(letters("p"))
    with pytest.raises(ContractError):
        SmartStream(guest(abi="(i32.const 9)"))
    assert set(threading.enumerate()) <= before


def test_untimed_smartstream_has_no_watchdog() -> None:
    before = set(threading.enumerate())
    with SmartStream(guest(SLOW, fields=SPIN), config=limited(timed=False, record_seconds=0.001)) as stream:
        assert stream.evaluate(letters("sds")).verdicts.tolist() == [1, 0, 1]
        assert set(threading.enumerate()) <= before
