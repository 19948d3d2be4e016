import json

import pytest

from engine.fields.table import named_format
from engine.live.separation.condition import (
    Between,
    Condition,
    Contains,
    Is,
    Lacks,
    Missing,
    Other,
    Part,
)
from engine.live.separation.field_matcher import FieldMatcher
from engine.records.batch import Batch, record_batch

RECORDS = [
    json.dumps({"city": "Rome", "n": 1, "text": "it failed"}).encode(),
    json.dumps({"city": "Oslo", "n": 2.5, "at": "2026-01-02T03:04:05Z"}).encode(),
    json.dumps({"city": "", "n": 3}).encode(),
    b'{"city": {"broken"',
    b"text",
    None,
]
KEYS = [b"a", b"b", None, b"\xff", b"", b"a"]
MOMENT = 1_767_323_045_000


def found(subject, check, format="json"):
    matcher = FieldMatcher(named_format(format), Condition(subject, check), [one for one in RECORDS if one])
    batch = Batch.consecutive(7, 0, record_batch(RECORDS, keys=KEYS))
    return [int(row) for _, rows in matcher.scan(batch) for row in rows]


@pytest.mark.parametrize(
    ("subject", "check", "rows"),
    [
        (("city",), Is("Rome"), [0]),
        (("city",), Is(""), [2]),
        (("city",), Other(("Rome",)), [1, 2]),
        (("city",), Missing(), [3, 4, 5]),
        (("text",), Contains("failed"), [0]),
        (("text",), Lacks("failed"), [1, 2, 3, 4, 5]),
        (("n",), Is(2.5), [1]),
        (("n",), Other((2.5,)), [0, 2]),
        (("n",), Between(low=None, high=2.5), [0]),
        (("n",), Between(low=2.5, high=None), [1, 2]),
        (("at",), Between(low=MOMENT, high=MOMENT + 1, time=True), [1]),
        (("nowhere",), Missing(), [0, 1, 2, 3, 4, 5]),
        (Part.FITS, Is("no"), [3, 4, 5]),
        (Part.KEY, Is("a"), [0, 5]),
        (Part.KEY, Is("ff"), [3]),
        (Part.KEY, Missing(), [2]),
        (Part.PARTITION, Is("7"), [0, 1, 2, 3, 4, 5]),
        (Part.LENGTH, Between(low=4, high=5), [4]),
    ],
)
def test_records_of_a_group_are_found(subject, check, rows):
    assert found(subject, check) == rows


def test_a_text_is_its_own_field():
    assert found((), Contains("tex"), "text") == [0, 4]
