"""SmartStreams in JavaScript beside the same ones in Rust; from a save to its first verdicts."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from engine.builds.from_file import InlineSource
from engine.builds.javascript.interpreter import prepare
from engine.errors import EngineError
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.records.transform import Transform
from engine.runtime.smartstream import SmartStream
from tests.bench.report import Samples, in_turn, milliseconds, percentile, ratio, table
from tests.bench.transforms import rate
from tests.engine.builds.build_once import build_once

RECORDS = 16_000
TURNS = 9
SAVES = 40
FIRST = 200
"""Records with the first verdicts of a save."""

SOURCES = {
    "a text in the value": (
        '#[smartstream(filter)] fn f(value: &str) -> bool { value.contains("Paris") }',
        "export function filter(record) { return record.value.includes('Paris') }",
        "expected at least 0.5 M/s",
    ),
    "a field of JSON": (
        '#[smartstream(filter)] fn f(r: &Record) -> bool { r.json("amount").as_f64() > Some(10.0) }',
        "export function filter(record) { return record.json().amount > 10 }",
        "expected at least 0.25 M/s",
    ),
    "a map to another text": (
        "#[smartstream(map)] fn f(value: &str) -> String { value.to_ascii_uppercase() }",
        "export function map(record) { return record.value.toUpperCase() }",
        "",
    ),
    "an error of each record": (
        "#[smartstream(filter)] fn f(value: &str) -> Result<bool> { Err(Error::msg(&value[..9])) }",
        "export function filter(record) { throw new Error(record.value.slice(0, 9)) }",
        "",
    ),
}


def run(folder: Path) -> None:
    """Measure and print."""
    try:
        prepare("javascript", Job(), os.environ)
    except EngineError as error:
        print(f"\nJavaScript was not measured: {error.message}")
        return
    batch = Batch.consecutive(0, 0, record_batch(_values(), timestamps=0))
    rows = [row for name in SOURCES for row in _compared(folder, name, batch)]
    table(f"{RECORDS:,} records of 200 bytes, CPU time, median of {TURNS} turns", rows)
    _print_saves(folder, batch.slice(0, FIRST))


def _compared(folder: Path, name: str, batch: Batch) -> list[tuple[str, str, str]]:
    rust, javascript, expected = SOURCES[name]
    streams = [
        SmartStream(_built(folder / "sf.rs", rust)),
        SmartStream(_built(folder / "sf.js", javascript)),
    ]
    theirs, ours = in_turn(TURNS, *(_turn(stream, batch) for stream in streams))
    memory = streams[1].memory
    for stream in streams:
        stream.close()
    return [
        (f"{name}: Rust", rate(theirs), ""),
        (f"{name}: JavaScript", rate(ours), expected),
        (f"{name}: JavaScript / Rust", f"{ratio(theirs, ours):.3f}", f"in {memory / 2**20:.1f} MiB"),
    ]


def _print_saves(folder: Path, batch: Batch) -> None:
    path = folder / "saved.js"
    path.write_text("")
    source = InlineSource(path)
    taken = []
    for number in range(SAVES + 1):
        path.write_text(f"export function filter(record) {{ return record.json().amount > {number} }}")
        started = time.perf_counter()
        wasm = source.build(Job()).wasm
        assert wasm is not None
        with SmartStream(wasm) as stream:
            stream.evaluate(batch)
            taken.append(time.perf_counter() - started)
    samples = Samples(tuple(taken[1:]))
    table(
        f"A save in JavaScript: build, load and the first {FIRST} verdicts, {SAVES} times",
        [
            ("median", milliseconds(samples.median), ""),
            ("95th percentile", milliseconds(percentile(samples.seconds, 95)), "expected at most 100 ms"),
        ],
    )


def _turn(transform: Transform, batch: Batch) -> Callable[[], float]:
    def turn() -> float:
        started = time.thread_time()
        transform.evaluate(batch)
        return time.thread_time() - started

    return turn


def _built(path: Path, text: str) -> bytes:
    path.write_text(text)
    wasm = build_once(path).wasm
    assert wasm is not None
    return wasm


def _values() -> list[bytes]:
    cities = ("Paris", "Bern", "Lyon", "Oslo", "Lima")
    orders = (
        f'{{"order": {n:06}, "city": "{cities[n % 5]}", "amount": {n % 20}, "items": [{{"name": "tea"}}]}}'
        for n in range(RECORDS)
    )
    return [order.ljust(200).encode() for order in orders]
