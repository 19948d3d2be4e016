"""What is wrong with a source, and what a record can do to it."""

import pytest

from engine.builds.diagnostic import Diagnostic
from engine.errors import InitError
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.python.conftest import Build
from tests.engine.builds.rust.kinds import batch_of
from tests.engine.conftest import evaluate_values

DROP, PASS, ERROR, TRAP, TIMEOUT = (Verdict[name] for name in ("DROP", "PASS", "ERROR", "TRAP", "TIMEOUT"))


def problem(build: Build, source: str) -> Diagnostic:
    """The only diagnostic of a source that does not load."""
    result = build(source)
    assert result.wasm is None
    [diagnostic] = result.diagnostics
    assert diagnostic.is_error
    return diagnostic


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("def filter(record):\n    return 'x' in record.value)\n", 2, 31),
        ("def filter(record):\n    a = 1\n  return a\n", 3, None),
        ("def filter(record):\n    return (record.value\n", 2, None),
        ("x = 'a\ndef filter(record): pass", 1, None),
    ],
)
def test_syntax_error_has_its_place(build_file: Build, source: str, line: int, column: int | None) -> None:
    found = problem(build_file, source)
    assert found.message.split(":")[0] in ("SyntaxError", "IndentationError")
    assert found.location is not None
    assert (found.location.path.rsplit("/", 1)[-1], found.location.line) == ("sf1.py", line)
    assert column in (None, found.location.column)
    assert f"sf1.py:{line}:{found.location.column}" in found.rendered


def test_exception_at_the_top_level_has_its_place(build_file: Build) -> None:
    found = problem(build_file, "a = 1\nNone.b\ndef filter(record): return a")
    assert found.message == "AttributeError: 'NoneType' object has no attribute 'b'"
    assert found.location is not None
    assert found.location.line == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "no kind of SmartStream is defined, but nothing"),
        ("import re\ndef fitler(record): pass\nx = 2", "no kind of SmartStream is defined, but fitler, x"),
        ("def filter(r): pass\ndef map(r): pass", "more than one kind is defined: filter, map"),
        ("filter = 1", "filter is defined, but is not a function"),
        (
            "import socket\ndef filter(r): pass",
            "No module named 'socket', or it is not in Python (RustPython)",
        ),
        ("import subprocess\ndef filter(r): pass", "No module named 'subprocess'"),
        (
            "import os\nos.listdir('/')\ndef filter(r): pass",
            "os.listdir is not there: a SmartStream reaches no",
        ),
        ("open('/etc/passwd')\ndef filter(r): pass", ""),
    ],
)
def test_file_that_is_no_smartstream(build_file: Build, source: str, message: str) -> None:
    assert message in problem(build_file, source).message


def test_endless_loop_at_the_top_level_ends(build_file: Build) -> None:
    result = build_file("while True: pass")
    assert result.wasm is None
    assert "took longer than 1 s" in str(result.error)


def test_exception_costs_one_record_and_has_its_place(build_file: Build) -> None:
    build = build_file("import json\ndef filter(record):\n    return json.loads(record.value)['a']['b']\n")
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b'{"a":{"b":1}}', b"{}", b"not", b'{"a":{"b":0}}'])
    assert list(evaluation.verdicts) == [PASS, ERROR, ERROR, DROP]
    first, second = evaluation.faults
    assert first.message == "KeyError: 'a'"
    assert first.location == Location(str(build.path), 3, 12)
    # The exception is raised in the library; its place is where the file called it.
    assert second.message.startswith("JSONDecodeError: Expecting value")
    assert second.location == Location(str(build.path), 3, 12)


def test_value_that_is_not_json_is_an_error(build_file: Build) -> None:
    build = build_file("def filter(record):\n    return record.json()['a']\n")
    assert build.wasm is not None
    [fault] = evaluate_values(build.wasm, [b"not"]).faults
    assert fault.message == "ValueError: not JSON: expected ident at line 1 column 2"


@pytest.mark.parametrize(
    "raised", ["ValueError()", "type('E', (Exception,), {'__str__': lambda self: 1 / 0})()", "SystemExit(3)"]
)
def test_anything_may_be_raised(build_file: Build, raised: str) -> None:
    build = build_file(f"def filter(record): raise {raised}")
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [b"a", b"b"]).verdicts) == [ERROR, ERROR]


def test_init_that_raises_refuses_the_version(build_file: Build) -> None:
    build = build_file("def init(params): raise ValueError('no ' + params['a'])\ndef filter(record): pass")
    assert build.wasm is not None
    with pytest.raises(InitError, match=r"no 1 \(.*sf1\.py:1:"):
        SmartStream(build.wasm, name="sf1.py", config=ModuleConfig(params={"a": "1"}))


ATTACKS = {
    "a loop": ("while True: pass", TIMEOUT),
    "a regular expression": ("return re.match('(a+)+$', 'a' * 60 + '!')", TIMEOUT),
    "recursion": ("return filter(record)", ERROR),
    "memory": ("every = []\n        while True: every.append(bytearray(1 << 20))", None),
    "nested JSON": ("return json.loads('[' * 100_000)", None),
    "nested source": ("return eval('(' * 100_000)", None),
    "nested repr": ("a = []\n        for _ in range(100_000): a = [a]\n        return repr(a)", None),
    "a string without end": ("s = 'ab'\n        while True: s += s", None),
    "a large number": ("return 7 ** 7 ** 8", TIMEOUT),
    "an endless iterator": ("return list(itertools.count())", None),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_costs_its_record_alone(build_file: Build, attack: str) -> None:
    code, verdict = ATTACKS[attack]
    build = build_file(
        "import itertools, json, re\n"
        "def filter(record):\n"
        f"    if record.value == 'attack':\n        {code}\n"
        "    return record.value == 'good'\n"
    )
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b"good", b"attack", b"good", b"bad", b"attack", b"good"])
    verdicts = [Verdict(one) for one in evaluation.verdicts]
    assert [verdicts[index] for index in (0, 2, 3, 5)] == [PASS, PASS, DROP, PASS]
    wanted = {verdict} if verdict else {ERROR, TRAP, TIMEOUT}
    assert {verdicts[1], verdicts[4]} <= wanted


@pytest.mark.parametrize("errors", [50_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_nothing_grows_with_errors(build_file: Build, errors: int) -> None:
    build = build_file("def filter(record): raise ValueError(record.value)")
    assert build.wasm is not None
    batch = batch_of([b"value"] * 5_000)
    with SmartStream(build.wasm) as stream:
        stream.evaluate(batch)
        memory = stream.memory
        for _ in range(errors // len(batch)):
            stream.evaluate(batch)
        assert stream.memory == memory
