"""What is wrong with a source, and what a record can do to it, in each language with an interpreter."""

from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from engine.errors import InitError
from engine.records.faults import Call, Fault, Location
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.build_once import build_once
from tests.engine.builds.interpreted.conftest import Build
from tests.engine.builds.rust.kinds import batch_of
from tests.engine.conftest import evaluate_values

DROP, PASS, ERROR, TRAP, TIMEOUT = (Verdict[name] for name in ("DROP", "PASS", "ERROR", "TRAP", "TIMEOUT"))
FAULTS = {ERROR, TRAP, TIMEOUT}


def test_exception_at_the_top_level_has_its_place(build_file: Build, language: str) -> None:
    build = build_file(
        javascript="const a = 1\n  null.b\nexport function filter(record) { return a }",
        python="a = 1\nNone.b\ndef filter(record): return a",
    )
    assert build.wasm is None
    [found] = build.diagnostics
    assert (
        found.message
        == {
            "javascript": "TypeError: cannot read property 'b' of null",
            "python": "AttributeError: 'NoneType' object has no attribute 'b'",
        }[language]
    )
    assert found.location is not None
    assert found.location.line == 2


def test_endless_loop_at_the_top_level_ends(build_file: Build) -> None:
    result = build_file(javascript="while (true) {}", python="while True: pass")
    assert result.wasm is None
    assert "took longer than 1 s" in str(result.error)


def test_exception_costs_one_record_and_has_its_place(build_file: Build, language: str) -> None:
    build = build_file(
        javascript="// Reads\nexport function filter(record) {\n  return record.json().a.b\n}\n",
        python="import json\ndef filter(record):\n    return json.loads(record.value)['a']['b']\n",
    )
    first, second = faults(build, [b'{"a":{"b":1}}', b"{}", b"not", b'{"a":{"b":0}}'], [1, 2])
    found = {
        "javascript": ("TypeError: cannot read property 'b' of undefined", 17, "SyntaxError: unexpected"),
        "python": ("KeyError: 'a'", 12, "JSONDecodeError: Expecting value"),
    }[language]
    assert (first.message, first.location) == (found[0], Location(str(build.path), 3, found[1]))
    # What the language itself raises has the place where the file called it.
    assert second.message.startswith(found[2])
    assert second.location is not None
    assert second.location.line == 3
    # One function is no more than that place.
    assert first.stack == second.stack == ()


CALLS_IN_JAVASCRIPT = """\
class Order {
  check(items) { return items.map((item) => item.price.toFixed(2)) }
}
export function filter(record) {
  return new Order().check(record.json())
}
"""
CALLS_IN_PYTHON = """\
class Order:
    def check(self, items):
        return sorted(items, key=lambda item: item["price"])
def filter(record):
    return Order().check(record.json())
"""


def test_exception_has_the_calls_that_it_came_through(build_file: Build, language: str) -> None:
    build = build_file(javascript=CALLS_IN_JAVASCRIPT, python=CALLS_IN_PYTHON)
    [fault] = faults(build, [b"[]", b"[{}]"], [1])
    inner = {
        "javascript": ("<anonymous>", "check"),
        "python": ("Order.check.<locals>.<lambda>", "Order.check"),
    }
    lines = {"javascript": (2, 2, 5), "python": (3, 3, 5)}[language]
    assert [(call.function, call.location.line) for call in fault.stack] == [
        *zip((*inner[language], "filter"), lines, strict=True)
    ]
    assert fault.stack[0].location == fault.location
    assert {call.location.path for call in fault.stack} == {str(build.path)}


def test_calls_in_typescript_are_where_it_has_them(typescript: Path, tmp_path: Path) -> None:
    path = tmp_path / "sf1.ts"
    path.write_text(
        "interface Item { price: number }\n"
        "const price = (item: Item): string => (item as Item).price.toFixed(2)\n"
        "export const map = (record: SmartStreamRecord) => price(record.json() as Item)\n"
    )
    [fault] = faults(build_once(path), [b"{}"], [0])
    inner, outer = fault.stack
    assert inner == Call("price", Location(str(path), 2, 40))
    assert (outer.function, outer.location.line) == ("map", 3)


def test_innermost_calls_of_many_are_kept(build_file: Build) -> None:
    build = build_file(
        javascript="function deep(n) { return n ? deep(n - 1) : null.x }\n"
        "export function filter(record) { return deep(Number(record.value)) }",
        python="def deep(n):\n    return deep(n - 1) if n else None.x\n"
        "def filter(record): return deep(int(record.value))",
    )
    few, many = faults(build, [b"30", b"100"], [0, 1])
    assert [call.function for call in few.stack] == ["deep"] * 31 + ["filter"]
    assert [call.function for call in many.stack] == ["deep"] * 32


def test_init_that_fails_refuses_the_version(build_file: Build) -> None:
    build = build_file(
        javascript="export function init(params) { throw new Error('no ' + params.a) }\n"
        "export function filter() {}",
        python="def init(params): raise ValueError('no ' + params['a'])\ndef filter(record): pass",
    )
    assert build.wasm is not None
    with pytest.raises(InitError, match=r"no 1 \(.*sf1\.(js|py):1:\d+\)"):
        SmartStream(build.wasm, config=ModuleConfig(params={"a": "1"}))


ATTACKS = {
    "a loop": ({"javascript": "while (true) {}", "python": "while True: pass"}, {TIMEOUT}),
    "a regular expression": (
        {
            "javascript": "return /^(a+)+$/.test('a'.repeat(60) + '!')",
            "python": "return re.match('(a+)+$', 'a' * 60 + '!')",
        },
        {TIMEOUT},
    ),
    "recursion": (dict.fromkeys(("javascript", "python"), "return filter(record)"), {ERROR}),
    "nested JSON": (
        {
            "javascript": "return JSON.parse('['.repeat(1e6))",
            "python": "return json.loads('[' * 100_000)",
        },
        FAULTS,
    ),
    "a string without end": (
        {"javascript": "let s = 'ab'; while (true) s += s", "python": "s = 'ab'\n        while True: s += s"},
        FAULTS,
    ),
}
"""Those of each language are in its own tests."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_costs_its_record_alone(build_file: Build, attack: str) -> None:
    code, allowed = ATTACKS[attack]
    build = build_file(
        javascript="export function filter(record) {\n"
        f"if (record.value === 'attack') {{ {code['javascript']} }}\n"
        "return record.value === 'good' }",
        python="import json, re\n"
        "def filter(record):\n"
        f"    if record.value == 'attack':\n        {code['python']}\n"
        "    return record.value == 'good'\n",
    )
    check_attack(build, allowed)


@pytest.mark.parametrize("errors", [50_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_nothing_grows_with_errors(build_file: Build, errors: int) -> None:
    build = build_file(
        javascript="const fail = (record) => { throw new Error(record.value) }\n"
        "export function filter(record) { fail(record) }",
        python="def fail(record): raise ValueError(record.value)\ndef filter(record): fail(record)",
    )
    assert build.wasm is not None
    batch = batch_of([b"value"] * 5_000)
    with SmartStream(build.wasm) as stream:
        stream.evaluate(batch)
        memory = stream.memory
        for _ in range(errors // len(batch)):
            stream.evaluate(batch)
        assert stream.memory == memory


def faults(build: BuildResult, values: list[bytes], failed: list[int]) -> list[Fault]:
    """The faults of those values that fail, which are errors."""
    assert build.wasm is not None, build
    evaluation = evaluate_values(build.wasm, values)
    assert [fault.index for fault in evaluation.faults] == failed
    assert {fault.verdict for fault in evaluation.faults} == {ERROR}
    return list(evaluation.faults)


def check_attack(build: BuildResult, allowed: set[Verdict]) -> None:
    """A filter that passes 'good' and drops others is stopped by 'attack' alone."""
    assert build.wasm is not None, build
    evaluation = evaluate_values(build.wasm, [b"good", b"attack", b"good", b"bad", b"attack", b"good"])
    verdicts = [Verdict(one) for one in evaluation.verdicts]
    assert [verdicts[index] for index in (0, 2, 3, 5)] == [PASS, PASS, DROP, PASS]
    assert {verdicts[1], verdicts[4]} <= allowed
