"""What a script sees of a record, and what becomes of what it returns."""

import json
from typing import Any

import pytest

from tests.engine.builds.javascript.conftest import Build
from tests.engine.builds.rust.kinds import run


def seen(build: Build, expression: str, value: bytes | None, key: bytes | None = None) -> Any:
    """The value of an expression about the only record of a batch."""
    source = f"export const map = (record) => JSON.stringify([{expression}])"
    [(_, _, made)] = run(build, source, [value], [key])
    return json.loads(made)[0]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("record.value", '{"a": [1, "é"]}'),
        ("record.json().a", [1, "é"]),
        ("record.json() === record.json()", True),
        ("[...record.bytes.slice(0, 3)]", [123, 34, 97]),
        ("record.bytes instanceof Uint8Array", True),
        ("record.key", "k"),
        ("[...record.keyBytes]", [107]),
        ("[...record.key_bytes]", [107]),
        ("[record.offset, record.timestamp, record.partition]", [100, 1000, 2]),
        ("record.isTombstone", False),
        ("[Date.now(), new Date().toISOString()]", [1000, "1970-01-01T00:00:01.000Z"]),
        ("typeof fetch + typeof setTimeout + typeof require + typeof process", "undefined" * 4),
    ],
)
def test_record_has(build_file: Build, expression: str, found: object) -> None:
    assert seen(build_file, expression, '{"a": [1, "é"]}'.encode(), b"k") == found


@pytest.mark.parametrize(
    ("returned", "made"),
    [
        ("'text'", (0, b"k", b"text")),
        ("new Uint8Array([0, 255])", (0, b"k", b"\0\xff")),
        ("({ a: 1, key: 2 })", (0, b"k", b'{"a":1,"key":2}')),
        ("[1, 'x']", (0, b"k", b'[1,"x"]')),
        ("7", (0, b"k", b"7")),
        ("false", (0, b"k", b"false")),
        ("null", (0, b"k", None)),
        ("({ key: 'other', value: 1 })", (0, b"other", b"1")),
        ("({ key: null, value: { b: 2 } })", (0, None, b'{"b":2}')),
        ("({ value: null })", (0, b"k", None)),
        ("'\\ud800!'", (0, b"k", "\ufffd\ufffd\ufffd!".encode())),
        ("undefined", "map returned nothing: return the new value"),
        ("(() => 1)", "() => 1 has no JSON: return text, bytes, or what JSON can have"),
        ("Promise.resolve('x')", "map is async and returned a promise: return the result itself"),
    ],
)
def test_map_returns(build_file: Build, returned: str, made: object) -> None:
    assert run(build_file, f"export function map(record) {{ return {returned} }}", [b"v"], [b"k"]) == [made]


def test_snake_case_names_are_the_same_functions(build_file: Build) -> None:
    source = "export function filter_map(record) { return record.value === 'a' ? 'b' : undefined }"
    assert run(build_file, source, [b"a", b"x"]) == [(0, None, b"b")]
    source = "export const array_map = (record) => [1, { key: 'k', value: record.value }]"
    assert run(build_file, source, [b"a"]) == [(0, None, b"1"), (0, b"k", b"a")]
