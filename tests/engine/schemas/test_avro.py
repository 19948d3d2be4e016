import json
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schemas.avro import avro_decoder
from engine.schemas.avro_bounds import LARGEST, LARGEST_COSTLY, MOST_TEXT
from engine.schemas.errors import SchemaError, UndecodableError
from tests.engine.schemas.orders import ORDER, encoded, order, order_json

NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "next", "type": ["null", "Node"]}, {"name": "n", "type": "int"}],
}


def decoder(schema: Any, *references: Any):
    return avro_decoder(json.dumps(schema), [json.dumps(one) for one in references])


def test_a_record_becomes_json():
    assert decoder(ORDER)(encoded(ORDER, order(note="call"))) == order_json(note="call")


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ("string", "a\n€", '"a\\n€"'),
        ("bytes", b"plain", '"plain"'),
        ("bytes", b"\xff\x00", '"ff00"'),
        ("double", float("nan"), '"nan"'),
        ({"type": "array", "items": "double"}, [1.5, float("inf")], '[1.5,"inf"]'),
        ({"type": "map", "values": "int"}, {"a": 1}, '{"a":1}'),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", '"B"'),
        ({"type": "fixed", "name": "F", "size": 2}, b"ab", '"ab"'),
        ({"type": "int", "logicalType": "date"}, date(2026, 11, 26), '"2026-11-26"'),
        ({"type": "int", "logicalType": "time-millis"}, time(4, 5, 6), '"04:05:06"'),
        ({"type": "string", "logicalType": "uuid"}, uuid.UUID(int=1), f'"{uuid.UUID(int=1)}"'),
        (
            {"type": "long", "logicalType": "local-timestamp-millis"},
            datetime(2026, 1, 2),
            '"2026-01-02T00:00:00"',
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2},
            Decimal("1234567890123456789.01"),
            '"1234567890123456789.01"',
        ),
    ],
)
def test_what_json_has_no_word_for(schema, value, text):
    assert decoder(schema)(encoded(schema, value)).decode() == text


def test_a_schema_that_refers_to_others():
    whole = {**ORDER, "fields": [{"name": "city", "type": "shop.City"}]}
    city = {
        "type": "record",
        "name": "City",
        "namespace": "shop",
        "fields": [{"name": "name", "type": "shop.Name"}],
    }
    name = {"type": "enum", "name": "Name", "namespace": "shop", "symbols": ["Rome"]}
    assert decoder(whole, name, city)(b"\x00") == b'{"city":{"name":"Rome"}}'
    with pytest.raises(SchemaError, match="schema cannot be read"):
        decoder(whole, city)


@pytest.mark.parametrize("broken", ["", "{", '"strings"', '{"type": "record"}', "[" * 100_000, "7", "null"])
def test_what_is_no_schema(broken):
    with pytest.raises(SchemaError, match="its Avro schema cannot be read"):
        avro_decoder(broken)


@pytest.mark.parametrize("change", [lambda v: v[:-1], lambda v: v + b"\0", lambda _: b"", lambda v: v[1:]])
def test_what_a_schema_does_not_say(change):
    with pytest.raises(UndecodableError):
        decoder(ORDER)(change(encoded(ORDER, order())))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NODE, b"\x02" * LARGEST_COSTLY),
        (NODE, b"\xff" * LARGEST_COSTLY),
        ({"type": "record", "name": "A", "fields": [{"name": "a", "type": "A"}]}, b"\0"),
        ("long", b"\x80" * LARGEST),
        ("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ({"type": "array", "items": "int"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\0" * 1_000),
        ({"type": "map", "values": "null"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\0" * 1_000),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, b"\x7f" * LARGEST),
        ("int", b"\0" * (LARGEST + 1)),
    ],
    ids=["nested", "long numbers", "itself", "long", "length", "array", "map", "decimal", "int"],
)
def test_evil_values_end_soon(schema, value):
    with pytest.raises(UndecodableError):
        decoder(schema)(value)


def test_a_long_list_is_decoded_up_to_a_size():
    schema = {"type": "array", "items": "int"}
    assert len(decoder(schema)(encoded(schema, [1] * 100_000))) == 200_001


@pytest.mark.parametrize(
    "items",
    ["null", {"type": "fixed", "name": "F", "size": 0}, {"type": "record", "name": "R", "fields": []}],
    ids=str,
)
def test_lists_of_nothing_are_refused(items):
    with pytest.raises(SchemaError, match="lists of elements that take no bytes"):
        decoder(
            {
                "type": "record",
                "name": "A",
                "fields": [{"name": "a", "type": {"type": "array", "items": items}}],
            }
        )


def test_a_schema_that_makes_much_of_a_byte_takes_fewer_bytes():
    fields = [{"name": "x", "type": "int"}, *({"name": f"n{n}", "type": "null"} for n in range(5_000))]
    schema = {"type": "array", "items": {"type": "record", "name": "Wide", "fields": fields}}
    with pytest.raises(UndecodableError, match="larger than"):
        decoder(schema)(b"\xd0\x0f" + b"\0" * 1_001)
    assert len(decoder(schema)(b"\x04" + b"\0" * 3)) < MOST_TEXT


def test_a_schema_that_contains_itself():
    assert decoder(NODE)(b"\x02\x00\x04\x06") == b'{"next":{"next":null,"n":2},"n":3}'


SCHEMAS = [
    ORDER,
    NODE,
    {"type": "map", "values": ["null", "int", "string", {"type": "array", "items": "bytes"}]},
]
DECODERS = [decoder(one) for one in SCHEMAS]


@given(st.binary(max_size=300), st.sampled_from(DECODERS))
def test_no_bytes_raise_anything_else(value, decode):
    try:
        json.loads(decode(value))
    except UndecodableError as error:
        assert error.message


@given(st.binary(max_size=20), st.integers(0, 60), st.integers(0, 60))
def test_damaged_records_raise_nothing_else(piece, start, length):
    whole = encoded(ORDER, order(note="call"))
    try:
        json.loads(DECODERS[0](whole[:start] + piece + whole[start + length :]))
    except UndecodableError as error:
        assert error.message


def test_the_moment_is_that_of_any_zone():
    schema = {"type": "long", "logicalType": "timestamp-micros"}
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert decoder(schema)(encoded(schema, moment)) == b'"2026-01-02T03:04:05.678000Z"'
