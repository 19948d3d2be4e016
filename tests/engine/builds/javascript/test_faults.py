"""What is wrong with a source in JavaScript, and what a record can do to it."""

import time

import pytest

from engine.builds.diagnostic import Diagnostic
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.interpreted.test_faults import FAULTS, check_attack
from tests.engine.builds.javascript.conftest import Build
from tests.engine.conftest import evaluate_values

DROP, ERROR, TIMEOUT = Verdict.DROP, Verdict.ERROR, Verdict.TIMEOUT
FILTER = "export function filter(record) { %s }"


def problem(build: Build, source: str) -> Diagnostic:
    """The only diagnostic of a source that does not load."""
    result = build(source)
    assert result.wasm is None
    [diagnostic] = result.diagnostics
    assert diagnostic.is_error
    return diagnostic


def test_syntax_error_has_its_place(build_file: Build) -> None:
    found = problem(build_file, "export function filter(record) {\n  return record.value ==\n}\n")
    assert found.message.startswith("SyntaxError: ")
    assert found.location is not None
    assert (found.location.path.rsplit("/", 1)[-1], found.location.line) == ("sf1.js", 3)
    assert f"sf1.js:3:{found.location.column}" in found.rendered


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "no kind of SmartStream is exported, but nothing"),
        ("function filter() {}", "no kind of SmartStream is exported, but nothing"),
        ("export const fitler = 1, x = 2", "no kind of SmartStream is exported, but fitler, x"),
        ("export const filter = () => 1, map = () => 1", "more than one kind is exported: filter, map"),
        ("export const arrayMap = () => [], array_map = () => []", "array_map is exported under two names"),
        ("export const filter = 1", "filter is exported, but is not a function"),
        ("import fs from 'fs'; export const filter = () => 1", "cannot import 'fs'"),
        ("await new Promise(() => 1); export const filter = () => 1", "waits at its top level"),
    ],
)
def test_file_that_is_no_smartstream(build_file: Build, source: str, message: str) -> None:
    assert message in problem(build_file, source).message


@pytest.mark.parametrize("thrown", ["'text'", "null", "{ toString() { throw 1 } }", "Symbol('x')"])
def test_anything_may_be_thrown(build_file: Build, thrown: str) -> None:
    build = build_file(FILTER % f"throw ({thrown})")
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [b"a", b"b"]).verdicts) == [ERROR, ERROR]


ATTACKS = {
    "memory": ("const all = []; while (true) all.push(new Uint8Array(1e7))", {ERROR}),
    "jobs without end": ("const again = () => { Promise.resolve().then(again) }; again()", {TIMEOUT}),
    # Memory may end it before time does: that rejects a promise for which nothing waits.
    "a promise without end": (
        "const again = () => Promise.resolve().then(again); again()",
        FAULTS | {DROP},
    ),
    "a proxy": ("return String(new Proxy({}, { get: (t, n, p) => p[n] }))", {ERROR}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_costs_its_record_alone(build_file: Build, attack: str) -> None:
    code, allowed = ATTACKS[attack]
    source = f"if (record.value === 'attack') {{ {code} }} return record.value === 'good'"
    check_attack(build_file(FILTER % source), allowed)


def test_loads_within_a_frame(build_file: Build) -> None:
    build = build_file(FILTER % "return true")
    assert build.wasm is not None
    started = time.process_time()
    SmartStream(build.wasm).close()
    assert time.process_time() - started < 1.0
