"""A million records, one in a hundred of which traps."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.conftest import BuildFilter
from tests.engine.runtime.wat_guests import guest, when
from tests.resident_memory import MEBIBYTE, resident

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

MILLION = 1_000_000
EACH = 10_000
WARM = 100_000
TRAP_EVERY = 100
DROP_EVERY = 3
PANICS = """
#[smartstream(filter)]
fn f(value: &[u8]) -> bool {
    if value[0] == b't' { panic!("no {}", str::from_utf8(value).unwrap()) }
    value[0] == b'p'
}
"""


def values(first: int) -> list[bytes]:
    return [
        (b"t%d" if number % TRAP_EVERY == 0 else b"d%d" if number % DROP_EVERY == 0 else b"p%d") % number
        for number in range(first, first + EACH)
    ]


def expected(first: int) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    numbers = np.arange(first, first + EACH)
    verdicts = np.where(numbers % DROP_EVERY == 0, Verdict.DROP, Verdict.PASS).astype(np.uint8)
    verdicts[numbers % TRAP_EVERY == 0] = Verdict.TRAP
    return verdicts


def test_panics(build_filter: BuildFilter) -> None:
    wasm = build_filter(PANICS).wasm
    assert wasm is not None
    soak(wasm, "panics of a Rust filter", "no t{}")


def test_traps_that_each_replace_the_instance() -> None:
    wasm = guest(when("t", "(unreachable)", when("p", "(i32.const 1)", "(i32.const 0)")))
    soak(wasm, "traps without a stack pointer", "aborted without a message (a panic or an abort)")


def soak(wasm: bytes, what: str, message: str) -> None:
    """Evaluate a million records: every verdict is right, and memory does not grow after the first tenth.

    In a process of its own: what earlier tests have freed would come and go in this one's figures.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as own:
        print(own.submit(evaluate_a_million, wasm, what, message).result())


def evaluate_a_million(wasm: bytes, what: str, message: str) -> str:
    seconds, warm, most = 0.0, 0, 0
    with SmartStream(wasm, name="f.rs") as stream:
        for first in range(0, MILLION, EACH):
            batch = Batch.consecutive(0, first, record_batch(values(first), timestamps=0))
            started = time.perf_counter()
            evaluation = stream.evaluate(batch)
            seconds += time.perf_counter() - started
            assert np.array_equal(evaluation.verdicts, expected(first))
            assert [(fault.index, fault.message) for fault in evaluation.faults] == [
                (index, message.format(first + index)) for index in range(0, EACH, TRAP_EVERY)
            ]
            if first < WARM:
                warm = resident()
            most = max(most, resident())
        guest_memory = stream.memory
        restarts = stream.restarts
    grown = most - warm
    assert grown < 32 * MEBIBYTE
    return (
        f"{what}: {MILLION / seconds / 1e6:.2f} M records/s, {MILLION // TRAP_EVERY:,} traps, {restarts:,} "
        f"instances replaced; {warm / MEBIBYTE:.0f} MiB after {WARM:,} records, at most "
        f"{grown / MEBIBYTE:+.1f} MiB since, {guest_memory / MEBIBYTE:.1f} MiB in the guest"
    )
