"""Tracing one record: what the code read and found, with its lines, and what each step made."""

from contextlib import closing

import pytest

from engine.builds.build import BuildResult
from engine.consumer.module_version import ModuleVersion
from engine.live.explanation.trace import StepTrace, TracedStep
from engine.live.explanation.tracer import Tracer
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from tests.engine.builds.rust.kinds import batch_of
from tests.engine.conftest import BuildFilter
from tests.engine.runtime import wat_guests
from tests.engine.runtime.configs import limited

READS = """\
#[smartstream(filter)]
fn reads(record: &Record) -> bool {
    println!("seen {}", record.value().len());
    let limit = param("limit").unwrap_or("none");
    if param("no such").is_some() { return false; }
    let customer = record.json("customer");
    customer.get("city") == "Porto" && json(record.value(), "items[1]").as_i64() == limit.parse().ok()
}
"""
PANICS = """\
#[smartstream(map)]
fn panics(record: &Record) -> String {
    let city = record.json("city");
    let name = city.as_str().unwrap();
    name.to_uppercase()
}
"""
SUM = """\
#[smartstream(aggregate)]
fn sum(total: i64, record: &Record) -> i64 {
    total + record.json("n").as_i64().unwrap_or(0)
}
"""


def step(build: BuildResult, accumulator: bytes | None = None, **params: str) -> TracedStep:
    assert build.wasm is not None, build
    module = ModuleVersion.of(build, build.wasm)
    return TracedStep(module=module, config=ModuleConfig(params=params), accumulator=accumulator)


def traces(values: list[bytes], *steps: TracedStep, reads: bool = True) -> list[StepTrace]:
    with closing(Tracer()) as tracer:
        return list(tracer.trace(batch_of(values), steps, reads=reads))


def read(traced: StepTrace) -> list[tuple[int, str, str | None]]:
    """The line of each read, the call, and what it found."""
    return [(one.location.line if one.location else 0, one.what, one.found) for one in traced.reads]


@pytest.mark.cargo
def test_reads_are_reported_in_order_with_lines(build_filter: BuildFilter) -> None:
    value = b'{"customer":{"city":"Porto"},"items":[1,7]}'
    (traced,) = traces([value], step(build_filter(READS), limit="7"))
    assert read(traced) == [
        (4, 'param("limit")', "7"),
        (5, 'param("no such")', None),
        (6, 'json("customer")', '{"city":"Porto"}'),
        (7, 'get("city")', '"Porto"'),
        (7, 'json("items[1]")', "7"),
    ]
    assert traced.reports_reads
    assert traced.printed == (f"seen {len(value)}",)
    assert traced.verdict is Verdict.PASS


@pytest.mark.cargo
def test_what_was_read_before_a_panic_is_reported(build_filter: BuildFilter) -> None:
    (traced,) = traces([b'{"city":null}'], step(build_filter(PANICS)))
    assert read(traced) == [(3, 'json("city")', "null")]
    assert traced.verdict is Verdict.TRAP
    assert traced.fault is not None and traced.fault.location is not None
    assert traced.fault.location.line == 4


@pytest.mark.cargo
def test_chain_has_a_trace_for_each_step_up_to_the_one_that_ends_it(build_filter: BuildFilter) -> None:
    cities, porto = build_filter(PANICS), build_filter(READS)
    steps = [step(cities), step(porto), step(cities)]
    first, second = traces([b'{"city":"Lisboa"}'], *steps)
    assert [record.value for record in first.outputs] == [b"LISBOA"]
    assert second.verdict is Verdict.DROP and not second.outputs


@pytest.mark.cargo
def test_aggregate_goes_on_from_accumulator_before_record(build_filter: BuildFilter) -> None:
    (traced,) = traces([b'{"n":5}'], step(build_filter(SUM), accumulator=b"37"))
    assert [record.value for record in traced.outputs] == [b"42"]


@pytest.mark.cargo
def test_evaluating_without_tracing_reports_nothing(build_filter: BuildFilter) -> None:
    (found,) = traces([b"{}"], step(build_filter(READS)), reads=False)
    assert found.verdict is Verdict.DROP
    assert found.reads == ()


def test_module_that_reports_nothing_still_has_outputs_and_verdict() -> None:
    module = ModuleVersion(version=1, wasm=wat_guests.by_hand("digit.wat"), name="x.wasm")
    (traced,) = traces([b"x"], TracedStep(module=module, config=ModuleConfig()))
    assert not traced.reports_reads and traced.reads == ()
    assert traced.verdict is not Verdict.PENDING


def test_module_that_cannot_run_is_a_problem_of_its_step() -> None:
    module = ModuleVersion(version=1, wasm=b"no module", name="x.wasm")
    (traced,) = traces([b"x"], TracedStep(module=module, config=ModuleConfig()))
    assert traced.verdict is Verdict.PENDING
    assert "not WebAssembly" in traced.problem


def test_a_record_that_is_traced_has_a_limit_of_time() -> None:
    endless = wat_guests.guest("(call $spin_for_ever) (i32.const 1)", fields=wat_guests.SPIN)
    module = ModuleVersion(version=1, wasm=endless, name="x.wasm")
    (traced,) = traces([b"x"], TracedStep(module=module, config=limited(record_seconds=0.05)))
    assert traced.verdict is Verdict.TIMEOUT
