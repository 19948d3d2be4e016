"""What is wrong with a source in Python, and what a record can do to it."""

import pytest

from engine.builds.diagnostic import Diagnostic
from engine.records.verdicts import Verdict
from tests.engine.builds.interpreted.test_faults import FAULTS, check_attack
from tests.engine.builds.python.conftest import Build
from tests.engine.conftest import evaluate_values

ERROR, TIMEOUT = Verdict.ERROR, Verdict.TIMEOUT


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


ATTACKS = {
    "memory": ("every = []\n        while True: every.append(bytearray(1 << 20))", FAULTS),
    "nested source": ("return eval('(' * 100_000)", FAULTS),
    "nested repr": ("a = []\n        for _ in range(100_000): a = [a]\n        return repr(a)", FAULTS),
    "a large number": ("return 7 ** 7 ** 8", {TIMEOUT}),
    "an endless iterator": ("return list(itertools.count())", FAULTS),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_costs_its_record_alone(build_file: Build, attack: str) -> None:
    code, allowed = ATTACKS[attack]
    source = (
        "import itertools\n"
        "def filter(record):\n"
        f"    if record.value == 'attack':\n        {code}\n"
        "    return record.value == 'good'\n"
    )
    check_attack(build_file(source), allowed)
