"""SmartStreams in JavaScript and Python beside those in Rust, and CPython; a save to its first verdicts."""

import json
import os
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine import units
from engine.builds.from_file import InlineSource
from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.interpreted.preparing import prepare
from engine.builds.javascript.quickjs import QuickJs
from engine.builds.python.rustpython import RustPython
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
INSTANCES = 10
_ROLLUP = Path("/proc/self/smaps_rollup")
"""On Linux."""
PATTERN = re.compile(r'"city": "(Paris|Lima)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The same SmartStream in each language."""

    rust: str
    javascript: str
    python: str
    cpython: Callable[[str], object] | None = None
    """The same in this process."""
    expected: str = ""


SOURCES = {
    "a text in the value": Compared(
        rust='#[smartstream(filter)] fn f(value: &str) -> bool { value.contains("Paris") }',
        javascript="export function filter(record) { return record.value.includes('Paris') }",
        python="def filter(record): return 'Paris' in record.value",
        expected="expected at least 0.5 M/s",
    ),
    "a field of JSON": Compared(
        rust='#[smartstream(filter)] fn f(r: &Record) -> bool { r.json("amount").as_f64() > Some(10.0) }',
        javascript="export function filter(record) { return record.json().amount > 10 }",
        python="def filter(record): return record.json()['amount'] > 10",
        cpython=lambda value: json.loads(value)["amount"] > 10,
        expected="expected at least 0.25 M/s",
    ),
    "a regular expression": Compared(
        rust=(
            "#[smartstream(filter)] fn f(value: &str) -> bool {\n"
            '    value.contains("\\"city\\": \\"Paris\\"") || value.contains("\\"city\\": \\"Lima\\"")\n}'
        ),
        javascript=(
            'const PATTERN = /"city": "(Paris|Lima)"/\n'
            "export function filter(record) { return PATTERN.test(record.value) }"
        ),
        python=(
            'import re\nPATTERN = re.compile(r\'"city": "(Paris|Lima)"\')\n'
            "def filter(record): return PATTERN.search(record.value)"
        ),
        cpython=PATTERN.search,
    ),
    "a map to another text": Compared(
        rust="#[smartstream(map)] fn f(value: &str) -> String { value.to_ascii_uppercase() }",
        javascript="export function map(record) { return record.value.toUpperCase() }",
        python="def map(record): return record.value.upper()",
    ),
    "an error of each record": Compared(
        rust="#[smartstream(filter)] fn f(value: &str) -> Result<bool> { Err(Error::msg(&value[..9])) }",
        javascript="export function filter(record) { throw new Error(record.value.slice(0, 9)) }",
        python="def filter(record): raise ValueError(record.value[:9])",
    ),
}
SAVED = {
    "js": "export function filter(record) {{ return record.json().amount > {} }}",
    "py": "def filter(record): return record.json()['amount'] > {}",
}


def run(folder: Path) -> None:
    """Measure and print."""
    endings = {"js": QuickJs(), "py": RustPython()}
    endings = {ending: one for ending, one in endings.items() if _prepared(one)}
    batch = Batch.consecutive(0, 0, record_batch(_values(), timestamps=0))
    rows = [row for name in SOURCES for row in _compared(folder, name, batch, endings)]
    table(f"{RECORDS:,} records of 200 bytes, CPU time, median of {TURNS} turns", rows)
    for ending, one in endings.items():
        path = folder / f"saved.{ending}"
        _print_saves(path, one.name, SAVED[ending], batch.slice(0, FIRST))
        _print_memory(_built(path, SAVED[ending].format(1)), one.name, batch)


def _prepared(interpreter: Interpreter) -> bool:
    try:
        prepare(interpreter, Job(), os.environ)
    except EngineError as error:
        print(f"\n{interpreter.name} was not measured: {error.message}")
        return False
    return True


def _compared(
    folder: Path, name: str, batch: Batch, endings: dict[str, Interpreter]
) -> list[tuple[str, str, str]]:
    compared = SOURCES[name]
    texts = {"rs": compared.rust, "js": compared.javascript, "py": compared.python}
    names = {"rs": "Rust", **{ending: one.name for ending, one in endings.items()}}
    streams = {ending: SmartStream(_built(folder / f"sf.{ending}", texts[ending])) for ending in names}
    turns = {names[ending]: _turn(stream, batch) for ending, stream in streams.items()}
    if compared.cpython:
        turns["CPython"] = _own_turn(compared.cpython, batch)
    taken = dict(zip(turns, in_turn(TURNS, *turns.values()), strict=True))
    memory = {names[ending]: f"in {stream.memory / 2**20:.1f} MiB" for ending, stream in streams.items()}
    for stream in streams.values():
        stream.close()
    rows = [(f"{name}: Rust", rate(taken["Rust"]), "")]
    for language in [*turns][1:]:
        beside = f"{ratio(taken['Rust'], taken[language]):.3f}"
        expected = "" if language == "CPython" else compared.expected
        rows.append((f"{name}: {language}", rate(taken[language]), expected))
        rows.append((f"{name}: {language} / Rust", beside, memory.get(language, "")))
    return rows


def _print_saves(path: Path, language: str, text: str, batch: Batch) -> None:
    path.write_text("")
    source = InlineSource(path)
    taken = []
    for number in range(SAVES + 1):
        path.write_text(text.format(number))
        started = time.perf_counter()
        wasm = source.build(Job()).wasm
        assert wasm is not None
        with SmartStream(wasm) as stream:
            stream.evaluate(batch)
            taken.append(time.perf_counter() - started)
    samples = Samples(tuple(taken[1:]))
    table(
        f"A save in {language}: build, load and the first {FIRST} verdicts, {SAVES} times",
        [
            ("median", milliseconds(samples.median), ""),
            ("95th percentile", milliseconds(percentile(samples.seconds, 95)), "expected at most 100 ms"),
        ],
    )


def _print_memory(wasm: bytes, language: str, batch: Batch) -> None:
    """Most of an instance is the same in each, and mapped from one file until it is written to."""
    with ExitStack() as opened:
        first = opened.enter_context(SmartStream(wasm))
        rows = [("its memory", units.size(first.memory), "expected at most 10 MiB")]
        if _ROLLUP.exists():
            before = _written_bytes()
            for _ in range(INSTANCES):
                opened.enter_context(SmartStream(wasm))
            own = (_written_bytes() - before) // INSTANCES
            rows.append(("what each further one adds to this process", units.size(own), ""))
        first.evaluate(batch)
        rows.append((f"its memory after {RECORDS:,} records", units.size(first.memory), ""))
    table(f"An instance in {language}", rows)


def _written_bytes() -> int:
    """Memory of this process that no other shares, and that no file holds."""
    found = re.search(r"^Private_Dirty: +(\d+) kB", _ROLLUP.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) << 10


def _turn(transform: Transform, batch: Batch) -> Callable[[], float]:
    def turn() -> float:
        started = time.thread_time()
        transform.evaluate(batch)
        return time.thread_time() - started

    return turn


def _own_turn(evaluate: Callable[[str], object], batch: Batch) -> Callable[[], float]:
    values = [value.decode() for value in batch.records.column("value").to_pylist()]

    def turn() -> float:
        started = time.thread_time()
        for value in values:
            evaluate(value)
        return time.thread_time() - started

    return turn


def _built(path: Path, text: str) -> bytes:
    path.write_text(text)
    wasm = build_once(path).wasm
    assert wasm is not None
    return wasm


def _values() -> list[bytes]:
    return [_order(number).ljust(200).encode() for number in range(RECORDS)]


def _order(number: int) -> str:
    city = ("Paris", "Bern", "Lyon", "Oslo", "Lima")[number % 5]
    start = f'{{"order": {100_000 + number}, "city": "{city}", "amount": {number % 20}'
    return start + ', "items": [{"name": "tea"}]}'
