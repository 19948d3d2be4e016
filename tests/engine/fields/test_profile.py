import json

import pytest

from engine.fields.profile import FieldType, profile
from engine.fields.scalar import Written
from engine.fields.table import named_format
from engine.fields.times import time_of

JSON = named_format("json")


def profiles(*records):
    found = profile(JSON, [json.dumps(record).encode() for record in records])
    return {one.path[0]: one for one in found}


def test_a_field_is_described_by_type_share_values_and_width():
    found = profiles(
        *({"city": "Paris" if n % 3 else "Rome", "n": n, "host": "web"} for n in range(9)), {"n": 1.5}
    )
    assert found["city"].type is FieldType.TEXT
    assert found["city"].share == 0.9
    assert found["city"].examples == ("Paris", "Rome")
    assert (found["city"].distinct, found["city"].width) == (2, 5)
    assert (found["n"].type, found["n"].share, found["n"].distinct) == (FieldType.NUMBER, 1.0, 10)
    assert not found["host"].constant, "a record has no host"


def test_a_field_that_is_the_same_everywhere_is_constant():
    assert profiles({"a": 1, "b": 1}, {"a": 1, "b": 2})["a"].constant


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ((True, None), FieldType.BOOL),
        ((None,), FieldType.NULL),
        ((1, "x"), FieldType.MIXED),
        (("2026-01-02T03:04:05Z", None), FieldType.TIME),
    ],
)
def test_types(values, type_):
    assert profiles(*({"a": value} for value in values))["a"].type is type_


def test_records_of_another_format_do_not_count():
    (only,) = profile(JSON, [b"x", None, b'{"a": 1}'])
    assert only.share == 1.0
    assert profile(JSON, [b"x"]) == ()


@pytest.mark.parametrize(
    ("name", "value", "milliseconds"),
    [
        ("any", "1970-01-01T00:00:01Z", 1000),
        ("any", "1970-01-01 01:00:01.250+01:00", 1250),
        ("any", "1970-01-01 00:00:01,250", 1250),
        ("any", "01/Jan/1970:00:00:01 +0000", 1000),
        ("ts", 1_700_000_000, 1_700_000_000_000),
        ("created_at", 1_700_000_000_000, 1_700_000_000_000),
        ("eventTime", 1_700_000_000_000_000, 1_700_000_000_000),
        ("timestamp", Written("1700000000000000000"), 1_700_000_000_000),
        ("id", 1_700_000_000, None),
        ("ts", 12, None),
        ("any", "2026-13-45T99:99:99Z", None),
        ("any", "12 apples", None),
    ],
)
def test_times_are_recognised_by_their_form_or_by_name_and_magnitude(name, value, milliseconds):
    assert time_of((name,), value) == milliseconds
