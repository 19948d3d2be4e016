"""What a script sees of a record, and what becomes of what it returns."""

import json
from typing import Any

import pytest

from engine.records.batch import Batch, Headers, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.javascript.conftest import Build
from tests.engine.builds.rust.kinds import batch_of, run
from tests.engine.conftest import evaluate_values


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


def test_what_is_not_there_or_not_text(build_file: Build) -> None:
    assert seen(build_file, "[record.value, record.isTombstone]", None) == ["", True]
    assert seen(build_file, "[record.key, record.keyBytes]", b"v") == [None, None]
    assert seen(build_file, "record.value", b"a\xff\xc3\xa9") == "a\ufffdé"


def test_headers_by_name(build_file: Build) -> None:
    source = "export const map = (record) => JSON.stringify([record.headers, record.headers.trace ?? 0])"
    headers: Headers = (("trace", b"1"), ("__proto__", b"x"), ("trace", b"2"), ("none", None))
    batch = Batch.consecutive(0, 0, record_batch([b"v", b"v"], headers=[None, headers], timestamps=1))
    build = build_file(source)
    assert build.wasm is not None
    with SmartStream(build.wasm) as stream:
        made = stream.evaluate(batch).outputs.records(batch.records).column("value").to_pylist()
    assert [json.loads(value) for value in made] == [
        [{}, 0],
        [{"trace": "2", "__proto__": "x", "none": None}, "2"],
    ]


def test_random_numbers_are_the_same_in_each_instance(build_file: Build) -> None:
    first, second = (seen(build_file, "Math.random()", b"v") for _ in range(2))
    assert first == second


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


def test_output_of_a_failed_array_map_is_left_out(build_file: Build) -> None:
    source = "export const arrayMap = (record) => record.value === 'bad' ? [1, () => 2] : [3]"
    [error, output] = run(build_file, source, [b"bad", b"good"])
    assert "has no JSON" in error
    assert output == (1, None, b"3")


def test_outputs_of_any_size_arrive(build_file: Build) -> None:
    source = "export const map = (record) => 'x'.repeat(Number(record.value))"
    made = run(build_file, source, [b"300000", b"1", b"2000000"])
    assert [len(value) for _, _, value in made] == [300_000, 1, 2_000_000]


def test_module_variables_are_state_and_printed_lines_belong_to_records(build_file: Build) -> None:
    build = build_file("let n = 0; export function filter() { console.log('n', ++n, { n }); return n % 2 }")
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b"a", b"b", b"c"])
    assert list(evaluation.verdicts) == [Verdict.PASS, Verdict.DROP, Verdict.PASS]
    assert [(line.index, line.text) for line in evaluation.printed] == [
        (index, f'n {index + 1} {{"n":{index + 1}}}') for index in range(3)
    ]


def test_record_of_an_earlier_call_is_refused(build_file: Build) -> None:
    source = "let kept; export function filter(record) { kept ??= record; return kept.value }"
    [_, error] = run(build_file, source, [b"a", b"b"])
    assert error == "TypeError: this record is of an earlier call: keep what you read of it"


def test_look_back_and_aggregate_share_state_with_init(build_file: Build) -> None:
    build = build_file(
        "let sum = 0\n"
        "export function init(params) { sum = Number(params.from) }\n"
        "export function lookBack(record) { sum += Number(record.value) }\n"
        "export function aggregate(text, record) { return `${text}${sum}+${record.value} ` }\n"
    )
    assert build.wasm is not None
    config = ModuleConfig(params={"from": "10"}, look_back=LookBack(last=2), aggregate_initial=b"> ")
    with SmartStream(build.wasm, config=config) as stream:
        stream.look_back([batch_of([b"1", b"2"])])
        made = stream.evaluate(Batch.consecutive(0, 0, record_batch([b"a", b"b"])))
    assert made.outputs.records(record_batch([b"a", b"b"])).column("value").to_pylist() == [
        b"> 13+a ",
        b"> 13+a 13+b ",
    ]
