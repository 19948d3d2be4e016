"""What a source sees of a record, and what becomes of what it returns."""

import json
from typing import Any

import pytest

from tests.engine.builds.python.conftest import Build
from tests.engine.builds.rust.kinds import run

MODULES = (
    "abc",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "hashlib",
    "hmac",
    "heapq",
    "html",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "pprint",
    "random",
    "re",
    "shlex",
    "statistics",
    "string",
    "struct",
    "sys",
    "textwrap",
    "time",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "weakref",
    "zlib",
)


def seen(
    build: Build, expression: str, value: bytes | None, key: bytes | None = None, setup: str = ""
) -> Any:
    """The value of an expression about the only record of a batch."""
    source = f"import json\n{setup}\ndef map(record): return json.dumps([{expression}])"
    [(_, _, made)] = run(build, source, [value], [key])
    return json.loads(made)[0]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("record.value", '{"a": [1, "é"]}'),
        ("record.json()['a']", [1, "é"]),
        ("record.json() is record.json()", True),
        ("list(record.bytes[:3])", [123, 34, 97]),
        ("record.key", "k"),
        ("list(record.key_bytes)", [107]),
        ("[record.offset, record.timestamp, record.partition]", [100, 1000, 2]),
        ("record.is_tombstone", False),
    ],
)
def test_record_has(build_file: Build, expression: str, found: object) -> None:
    assert seen(build_file, expression, '{"a": [1, "é"]}'.encode(), b"k") == found


@pytest.mark.parametrize(
    "text",
    ["1", "-7", "1.5", "1e300", "true", "null", '"\\ud83d\\ude00"', "[[], {}]", '{"a": {"b": [1, 2.25]}}'],
)
def test_json_is_what_json_has(build_file: Build, text: str) -> None:
    assert seen(build_file, "record.json()", text.encode()) == json.loads(text)


@pytest.mark.parametrize("module", MODULES)
def test_module_of_the_standard_library_is_there(build_file: Build, module: str) -> None:
    assert seen(build_file, f"{module}.__name__", b"", setup=f"import {module}") == module


@pytest.mark.parametrize(
    ("setup", "expression", "found"),
    [
        ("import re", "re.search(r'(?P<n>\\d+)', 'a12')['n']", "12"),
        (
            "import datetime",
            "str(datetime.datetime.fromtimestamp(0, datetime.UTC))",
            "1970-01-01 00:00:00+00:00",
        ),
        ("import datetime", "str(datetime.datetime.now())", "1970-01-01 00:00:01"),
        ("import datetime", "datetime.datetime.strptime('2026-03-04', '%Y-%m-%d').day", 4),
        ("import time", "[time.time(), time.localtime().tm_sec, time.perf_counter()]", [1, 1, 1]),
        ("import hashlib", "hashlib.sha256(b'a').hexdigest()[:8]", "ca978112"),
        ("from collections import Counter", "Counter('aab')['a']", 2),
        ("import statistics", "statistics.median([3, 1, 2])", 2),
        ("from decimal import Decimal", "str(Decimal('0.1') + 1)", "1.1"),
        ("from urllib.parse import urlsplit", "urlsplit('http://a.b/c').netloc", "a.b"),
        (
            "from dataclasses import dataclass\n"
            "@dataclass\nclass Order:\n    amount: float\n    city: str = 'Bern'\n",
            "[Order(2.5).city, Order(1) == Order(1), repr(Order(3))]",
            ["Bern", True, "Order(amount=3, city='Bern')"],
        ),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n", "P(4).x", 4),
        ("from smartstream import Record", "isinstance(record, Record)", True),
        ("", "'ÉCOLE'.lower()", "école"),
    ],
)
def test_standard_library_does(build_file: Build, setup: str, expression: str, found: object) -> None:
    assert seen(build_file, expression, b"v", setup=setup) == found


@pytest.mark.parametrize(
    ("returned", "made"),
    [
        ("'text'", (0, b"k", b"text")),
        ("b'\\0\\xff'", (0, b"k", b"\0\xff")),
        ("bytearray(b'ab')", (0, b"k", b"ab")),
        ("{'a': 1, 'key': 2}", (0, b"k", b'{"a":1,"key":2}')),
        ("[1, 'x\"é', None, (2.5, True)]", (0, b"k", '[1,"x\\"é",null,[2.5,true]]'.encode())),
        ("{1: 2, None: 3, True: 4}", (0, b"k", b'{"1":4,"null":3}')),
        ("7", (0, b"k", b"7")),
        ("2 ** 100", (0, b"k", b"1267650600228229401496703205376")),
        ("False", (0, b"k", b"false")),
        ("{'key': 'other', 'value': 1}", (0, b"other", b"1")),
        ("{'key': None, 'value': {'b': 2}}", (0, None, b'{"b":2}')),
        ("{'value': None}", (0, b"k", None)),
        ("None", "map returned None: return the new value"),
        (
            "{1, 2}",
            "TypeError: a value of type set has no JSON: return text, bytes, or what JSON can have",
        ),
        ("float('nan')", "ValueError: NaN has no JSON"),
    ],
)
def test_map_returns(build_file: Build, returned: str, made: object) -> None:
    assert run(build_file, f"def map(record):\n    return {returned}", [b"v"], [b"k"]) == [made]


def test_other_kinds_return(build_file: Build) -> None:
    source = "def filter_map(record): return 'b' if record.value == 'a' else None"
    assert run(build_file, source, [b"a", b"x"]) == [(0, None, b"b")]
    source = "def array_map(record): return [1, {'key': 'k', 'value': record.value}]"
    assert run(build_file, source, [b"a"]) == [(0, None, b"1"), (0, b"k", b"a")]
    source = "def array_map(record):\n    yield from record.value.split()"
    assert run(build_file, source, [b"a b", b""]) == [(0, None, b"a"), (0, None, b"b")]
    assert run(build_file, "def array_map(record): return 'ab'", [b"a"]) == ["array_map returned no list"]
