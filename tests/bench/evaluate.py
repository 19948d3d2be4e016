"""Evaluating decoded batches, against the same Rust compiled natively and against a wasm call per record."""

import ctypes
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wasmtime

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.consumer.consumer import Consumer
from engine.records.batch import Batch, record_batch
from engine.runtime.smartstream import SmartStream
from tests.bench.report import in_turn, ratio, table
from tests.engine.builds.build_once import build_once
from tests.engine.runtime.configs import limited

RECORDS = 16_000
CALLS = 1_000
"""Records for the subject that makes a call for each: it is slow."""
TURNS = 15

FILTER = """
pub fn has_number(value: &[u8]) -> bool {
    let message = std::str::from_utf8(value).unwrap();
    return !message.chars().all(char::is_numeric);
}
"""
INLINE = '#[wasm_bindgen(type="filter")]' + FILTER
NATIVE = (
    FILTER
    + """
#[no_mangle]
pub unsafe extern "C" fn evaluate(offsets: *const i32, values: *const u8, count: usize, verdicts: *mut u8) {
    for i in 0..count {
        let (start, end) = (*offsets.add(i) as usize, *offsets.add(i + 1) as usize);
        *verdicts.add(i) = has_number(std::slice::from_raw_parts(values.add(start), end - start)) as u8;
    }
}
"""
)
PER_RECORD = (
    FILTER
    + """
#[no_mangle]
pub unsafe extern "C" fn evaluate_one(value: *const u8, length: usize) -> i32 {
    has_number(std::slice::from_raw_parts(value, length)) as i32
}
"""
)


def run(folder: Path) -> None:
    """Measure and print."""
    toolchain = find_toolchain()
    batch = Batch.consecutive(0, 0, record_batch(_values(), timestamps=0))
    source = folder / "has_number.rs"
    source.write_text(INLINE)
    wasm = build_once(source).wasm
    assert wasm is not None, "the benchmark's filter does not build"
    timed, untimed = SmartStream(wasm), SmartStream(wasm, config=limited(timed=False))
    expected = timed.evaluate(batch).verdicts
    native = _native(toolchain, folder, batch, expected)
    with EmbeddedBroker.open(folder / "data", durable=False) as broker:
        broker.topics.create("bench")
        broker.log.append("bench", batch.records)
        samples = in_turn(
            TURNS,
            native,
            lambda: timed.evaluate(batch).seconds,
            lambda: untimed.evaluate(batch).seconds,
            _per_record(toolchain, folder, batch, expected),
            lambda: _consume(broker, timed),
        )
    timed.close()
    untimed.close()
    base, bounded, unbounded, calls, consumer = samples
    table(
        f"Evaluating {RECORDS:,} records of 35 bytes (has_number.rs), median of {TURNS} turns",
        [
            ("natively compiled", _rate(base.median), ""),
            ("evaluate, time limits on", _rate(bounded.median), ""),
            ("evaluate, time limits off", _rate(unbounded.median), ""),
            ("one wasm call per record", _rate(calls.median), ""),
            ("consumer: read from the log, then evaluate", _rate(consumer.median), ""),
            ("evaluate / native", f"{ratio(base, bounded):.2f}", "expected at least 0.45"),
            ("evaluate / call per record", f"{ratio(calls, bounded):,.0f}", "expected at least 500"),
            ("limits on / limits off", f"{ratio(unbounded, bounded):.2f}", "expected at least 0.65"),
            ("consumer path / native", f"{ratio(base, consumer):.2f}", ""),
        ],
    )


def _values() -> list[bytes]:
    return [f"order {n:08d} from Lyon, {n % 977:05d} EUR".encode().ljust(35)[:35] for n in range(RECORDS)]


def _rate(seconds: float) -> str:
    return f"{RECORDS / seconds / 1e6:.2f} M/s"


def _native(toolchain: Toolchain, folder: Path, batch: Batch, expected: np.ndarray) -> Callable[[], float]:
    source = folder / "native.rs"
    source.write_text(NATIVE)
    library = folder / "libnative.so"
    subprocess.run(
        [toolchain.rustc, "--edition=2021", "--crate-type=cdylib", "-Copt-level=3", "-o", library, source],
        check=True,
    )
    evaluate = ctypes.CDLL(str(library)).evaluate
    evaluate.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    evaluate.restype = None
    _, offsets, values = batch.records.column(1).buffers()
    verdicts = np.zeros(len(batch), np.uint8)

    def turn() -> float:
        started = time.perf_counter()
        evaluate(offsets.address, values.address, len(batch), verdicts.ctypes.data)
        return time.perf_counter() - started

    turn()
    assert (verdicts == expected).all(), "the native filter evaluates otherwise"
    return turn


def _per_record(
    toolchain: Toolchain, folder: Path, batch: Batch, expected: np.ndarray
) -> Callable[[], float]:
    source = folder / "per_record.rs"
    source.write_text(PER_RECORD)
    module = folder / "per_record.wasm"
    options = ["--crate-type=cdylib", f"--target={TARGET}", "-Copt-level=3", "-Cpanic=abort"]
    subprocess.run([toolchain.rustc, "--edition=2021", *options, "-o", module, source], check=True)
    store = wasmtime.Store(wasmtime.Engine())
    instance = wasmtime.Instance(store, wasmtime.Module.from_file(store.engine, str(module)), [])
    exports = instance.exports(store)
    memory, evaluate = exports["memory"], exports["evaluate_one"]
    assert isinstance(memory, wasmtime.Memory)
    assert isinstance(evaluate, wasmtime.Func)
    page = memory.grow(store, 1) * 65_536
    values = [batch.value(index) for index in range(CALLS)]

    def evaluate_each() -> list[int]:
        verdicts = []
        for value in values:
            memory.write(store, value, page)
            verdicts.append(evaluate(store, page, len(value)))
        return verdicts

    def turn() -> float:
        started = time.perf_counter()
        evaluate_each()
        return (time.perf_counter() - started) * RECORDS / CALLS

    assert evaluate_each() == expected[:CALLS].tolist(), "the filter called per record evaluates otherwise"
    return turn


def _consume(broker: EmbeddedBroker, stream: SmartStream) -> float:
    consumer = Consumer(broker, "bench", positions={0: 0}, smartstream=stream)
    started = time.perf_counter()
    consumed = 0
    while consumed < RECORDS:
        delivery = consumer.poll(1)
        assert delivery is not None, "the log ended early"
        consumed += len(delivery.batch)
    return time.perf_counter() - started
