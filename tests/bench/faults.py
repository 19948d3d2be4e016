"""What a filter that fails costs: for each record, and until it is seen in a real terminal."""

import itertools
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.bench.report import Samples, in_turn, table
from tests.engine.builds.build_once import build_once
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import STACK, guest
from tests.terminal import Terminal
from tui.dashboard.app.session_state import Memory

RECORDS = 2_000
TURNS = 7
WINDOW = 100_000
APPENDED = 10_000
SCREEN_TURNS = 5

PANICS = """
#[smartstream(filter)]
pub fn panics(value: &[u8]) -> bool {
    value.starts_with(b"ok") || str::from_utf8(value).unwrap().is_empty()
}
"""
FAILS = """
#[smartstream(filter)]
pub fn fails(value: &[u8]) -> Result<bool> {
    Ok(str::from_utf8(value)?.is_empty())
}
"""
SHOWN = """
#[smartstream(filter)]
pub fn shown(value: &[u8]) -> bool {{
    let order = str::from_utf8(value).unwrap();
    {body}
}}
"""
HARMLESS = "order.len() > {number}"
ALL = 'panic!("version {number} fails on {{}}", order)'
TENTH = "if order.ends_with('7') {{ panic!(\"version {number}\") }} order.len() > {number}"

_BEHIND = re.compile(r"([0-9.]+k?) behind")


def run(folder: Path) -> None:
    """Measure and print."""
    _print_costs(_costs(folder))
    with _watching(folder) as (terminal, source):
        # The two take turns, so that each finds the pane as the other left it.
        numbers = itertools.count(2)
        counted: list[int] = []
        every, tenth = in_turn(
            SCREEN_TURNS,
            _every_record(terminal, source, numbers),
            _every_tenth(terminal, source, numbers, counted),
        )
    _print_screen(every, tenth, statistics.median(counted))


def _costs(folder: Path) -> list[tuple[str, Samples, int]]:
    """The name of each kind of fault, the seconds that evaluation took, and how many there were."""
    bad = [b"order %05d from Li\xe8ge, 00042 EUR" % number for number in range(RECORDS)]
    few = [value if number % 10 == 0 else b"ok " + value for number, value in enumerate(bad)]
    panics, fails = (_built(folder, text) for text in (PANICS, FAILS))
    trap = "(unreachable)"
    subjects = [
        ("a panic in Rust, on every record", panics, bad, Verdict.TRAP),
        ("a panic in Rust, on one record in ten", panics, few, Verdict.TRAP),
        ("a trap in WAT, on every record", guest(trap, fields=STACK), bad, Verdict.TRAP),
        ("a trap in WAT without a stack pointer", guest(trap), bad, Verdict.TRAP),
        ("an Err in Rust, on every record", fails, bad, Verdict.ERROR),
    ]
    streams = [SmartStream(wasm, config=limited(faults_in_a_row=None)) for _, wasm, _, _ in subjects]
    counts = [sum(not value.startswith(b"ok") for value in values) for _, _, values, _ in subjects]
    samples = in_turn(
        TURNS,
        *(
            _evaluating(stream, values, verdict, count)
            for stream, (_, _, values, verdict), count in zip(streams, subjects, counts, strict=True)
        ),
    )
    for stream in streams:
        stream.close()
    return [(what, taken, count) for (what, *_), taken, count in zip(subjects, samples, counts, strict=True)]


def _built(folder: Path, text: str) -> bytes:
    source = folder / "fails.rs"
    source.write_text(text)
    wasm = build_once(source).wasm
    assert wasm is not None, "the benchmark's filter does not build"
    return wasm


def _evaluating(
    stream: SmartStream, values: list[bytes], verdict: Verdict, count: int
) -> Callable[[], float]:
    batch = Batch.consecutive(0, 0, record_batch(values, timestamps=0))

    def turn() -> float:
        evaluation = stream.evaluate(batch)
        assert int(np.count_nonzero(evaluation.verdicts == verdict)) == count, "other verdicts than expected"
        return evaluation.seconds

    return turn


def _print_costs(costs: list[tuple[str, Samples, int]]) -> None:
    table(
        f"What a record costs that a filter fails on, {RECORDS:,} records, median of {TURNS} turns",
        [(what, f"{samples.median / count * 1e6:.1f} µs", "") for what, samples, count in costs],
    )


@contextmanager
def _watching(folder: Path) -> Iterator[tuple[Terminal, Path]]:
    """The dashboard over a full window, with a filter that harms nothing, and the filter's file."""
    data, source = folder / "data", folder / "shown.rs"
    with EmbeddedBroker.open(data, durable=False) as broker:
        broker.topics.create("orders")
        for first in range(0, WINDOW, APPENDED):
            values = [b"order %d" % number for number in range(first, first + APPENDED)]
            broker.log.append("orders", record_batch(values, timestamps=0))
    _save(source, HARMLESS, 1)
    Memory(data).keep_taught()
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data)]
    with Terminal([*program, "watch", "orders", "-f", str(source)]) as terminal:
        terminal.wait_for("● live", 120)
        yield terminal, source


def _save(source: Path, body: str, number: int) -> None:
    # As most editors save: a file written in place may be seen half written, and be built twice.
    draft = source.with_suffix(".draft")
    draft.write_text(SHOWN.format(body=body.format(number=number)))
    draft.replace(source)


def _every_record(terminal: Terminal, source: Path, numbers: Iterator[int]) -> Callable[[], float]:
    def turn() -> float:
        number = next(numbers)
        taken = _until(terminal, source, ALL, number, f"in a row, the last: version {number} fails on order ")
        terminal.wait_for(f"stopped g{number}")
        return taken

    return turn


def _every_tenth(
    terminal: Terminal, source: Path, numbers: Iterator[int], counted: list[int]
) -> Callable[[], float]:
    """`counted` takes how many different numbers of records the pane's head said to be behind."""

    def turn() -> float:
        number = next(numbers)
        behind: set[str] = set()

        def shown(text: str) -> bool:
            behind.update(_BEHIND.findall(text))
            return f"{WINDOW // 10:,} traps" in text

        taken = _until(terminal, source, TENTH, number, shown)
        counted.append(len(behind))
        terminal.wait_for(f"live v{number}")
        return taken

    return turn


def _until(
    terminal: Terminal, source: Path, body: str, number: int, shown: str | Callable[[str], bool]
) -> float:
    """Seconds from saving a version until the terminal shows `shown`."""
    started = time.perf_counter()
    _save(source, body, number)
    terminal.wait_for(shown)
    return time.perf_counter() - started


def _print_screen(every: Samples, tenth: Samples, steps: float) -> None:
    table(
        f"A filter that panics, saved over a window of {WINDOW:,} records, in a real terminal (120 × 34), "
        f"median of {SCREEN_TURNS} turns",
        [
            ("on every record: save to stopped and explained", f"{every.median:.2f} s", "expected at most 1"),
            (
                "on every tenth: save to the whole window evaluated",
                f"{tenth.median:.2f} s",
                "expected at most 5",
            ),
            ("on every tenth: numbers of what is behind, shown", f"{steps:g}", "expected at least 2"),
        ],
    )
