"""What is wrong with a source, and what a record can do to it."""

import time

import pytest

from engine.builds.diagnostic import Diagnostic
from engine.errors import InitError
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.javascript.conftest import Build
from tests.engine.builds.rust.kinds import batch_of
from tests.engine.conftest import evaluate_values

DROP, PASS, ERROR, TRAP, TIMEOUT = (Verdict[name] for name in ("DROP", "PASS", "ERROR", "TRAP", "TIMEOUT"))
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


def test_exception_at_the_top_level_has_its_place(build_file: Build) -> None:
    found = problem(build_file, "const a = 1\n  null.b\n" + FILTER % "return a")
    assert found.message == "TypeError: cannot read property 'b' of null"
    assert found.location is not None
    assert found.location.line == 2


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


def test_endless_loop_at_the_top_level_ends(build_file: Build) -> None:
    result = build_file("while (true) {}")
    assert result.wasm is None
    assert "took longer than 1 s" in str(result.error)


def test_exception_costs_one_record_and_has_its_place(build_file: Build) -> None:
    build = build_file("export function filter(record) {\n  return record.json().a.b\n}\n")
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b'{"a":{"b":1}}', b"{}", b"not", b'{"a":{"b":0}}'])
    assert list(evaluation.verdicts) == [PASS, ERROR, ERROR, DROP]
    first, second = evaluation.faults
    assert first.message == "TypeError: cannot read property 'b' of undefined"
    assert first.location == Location(str(build.path), 2, 17)
    assert second.message.startswith("SyntaxError: unexpected token")
    assert second.location is not None
    assert second.location.line == 2


@pytest.mark.parametrize("thrown", ["'text'", "null", "{ toString() { throw 1 } }", "Symbol('x')"])
def test_anything_may_be_thrown(build_file: Build, thrown: str) -> None:
    build = build_file(FILTER % f"throw ({thrown})")
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [b"a", b"b"]).verdicts) == [ERROR, ERROR]


def test_init_that_throws_refuses_the_version(build_file: Build) -> None:
    build = build_file("export function init(params) { throw new Error('no ' + params.a) }\n" + FILTER % "")
    assert build.wasm is not None
    with pytest.raises(InitError, match=r"no 1 \(.*sf1\.js:1:56\)"):
        SmartStream(build.wasm, name="sf1.js", config=ModuleConfig(params={"a": "1"}))


FAULTS = {ERROR, TRAP, TIMEOUT}
ATTACKS = {
    "a loop": ("while (true) {}", {TIMEOUT}),
    "a regular expression": ("return /^(a+)+$/.test('a'.repeat(60) + '!')", {TIMEOUT}),
    "recursion": ("return filter(record)", {ERROR}),
    "memory": ("const all = []; while (true) all.push(new Uint8Array(1e7))", {ERROR}),
    "nested JSON": ("return JSON.parse('['.repeat(1e6))", FAULTS),
    "a string without end": ("let s = 'ab'; while (true) s += s", FAULTS),
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
    build = build_file(FILTER % f"if (record.value === 'attack') {{ {code} }} return record.value === 'good'")
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b"good", b"attack", b"good", b"bad", b"attack", b"good"])
    verdicts = [Verdict(one) for one in evaluation.verdicts]
    assert [verdicts[index] for index in (0, 2, 3, 5)] == [PASS, PASS, DROP, PASS]
    assert {verdicts[1], verdicts[4]} <= allowed


@pytest.mark.parametrize("errors", [50_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_nothing_grows_with_errors(build_file: Build, errors: int) -> None:
    build = build_file(FILTER % "throw new Error(record.value)")
    assert build.wasm is not None
    batch = batch_of([b"value"] * 5_000)
    with SmartStream(build.wasm) as stream:
        stream.evaluate(batch)
        memory = stream.memory
        for _ in range(errors // len(batch)):
            stream.evaluate(batch)
        assert stream.memory == memory


def test_loads_within_a_frame(build_file: Build) -> None:
    build = build_file(FILTER % "return true")
    assert build.wasm is not None
    started = time.process_time()
    SmartStream(build.wasm).close()
    assert time.process_time() - started < 1.0
