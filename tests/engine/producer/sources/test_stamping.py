"""Records with the time that their values name, and with headers."""

from datetime import datetime

import pyarrow as pa
import pytest

from engine.fields.path import parse_path
from engine.producer.sources.json_lines import json_records
from engine.producer.sources.record_makers import value_records
from engine.producer.sources.stamping import Stamping, field_times, matched_times, with_headers
from engine.producer.sources.time_arrays import TimeTexts
from engine.records.batch import now_ms
from engine.regular_expressions import compiled
from engine.units import InvalidValueError

STAMP = 1_612_325_106_000


def lines(*values: bytes) -> pa.BinaryArray:
    return pa.array(values, pa.binary())


def stamps(stamping: Stamping, *values: bytes) -> list[int]:
    return list(stamping(lines(*values)).records.column("timestamp").to_pylist())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ts", b'{"ts": "2021-02-03T04:05:06Z"}'),
        ("log.at[1]", b'{"log": {"at": [0, 1612325106]}}'),
        ("at", b"level=info at=2021-02-03T04:05:06Z"),
        ("time", b'1.2.3.4 - - [03/Feb/2021:05:05:06 +0100] "GET / HTTP/1.1" 200 5'),
    ],
)
def test_a_field_is_the_time_in_any_format(path: str, value: bytes) -> None:
    assert stamps(Stamping(value_records, field_times(parse_path(path))), value, value) == [STAMP, STAMP]


@pytest.mark.parametrize(
    ("regex", "value"),
    [
        (r"^\S+", b"2021-02-03T04:05:06Z GET"),
        (r"at=(\S+) ", b"x at=1612325106 y"),
        (r"(\w+) at (?P<time>\S+)", b"seen at 2021-02-03T04:05:06Z"),
    ],
)
def test_a_regular_expression_finds_the_time(regex: str, value: bytes) -> None:
    stamping = Stamping(value_records, matched_times(compiled(regex)))
    assert stamps(stamping, value) == [STAMP]
    assert stamping.missing == 0


@pytest.mark.parametrize("texts", [field_times(("ts",)), matched_times(compiled('"ts": "([^"]*)"'))])
def test_a_record_without_a_time_has_that_of_the_one_before(texts: TimeTexts) -> None:
    stamping = Stamping(value_records, texts)
    before = now_ms()
    first, second, third, fourth = stamps(
        stamping, b"{}", b'{"ts": "2021-02-03T04:05:06Z"}', b'{"ts": "soon"}', b"\xff"
    )
    assert before <= first <= now_ms()
    assert (second, third, fourth) == (STAMP, STAMP, STAMP)
    assert stamps(stamping, b"\xff") == [STAMP]
    assert stamping.missing == 4


def test_headers_come_after_those_of_the_record() -> None:
    make = with_headers(json_records(1, 100), (("a", b"1"), ("b", b"\xff")))
    found = make(lines(b'{"value": "", "headers": {"a": "own"}}', b'{"value": ""}')).records.column("headers")
    assert found.to_pylist() == [[("a", b"own"), ("a", b"1"), ("b", b"\xff")], [("a", b"1"), ("b", b"\xff")]]


@pytest.mark.parametrize("written", ["2021-02-03T04:05:06Z", "2021-02-03T05:05:06+01:00"])
def test_json_takes_iso_times(written: str) -> None:
    made = json_records(1, 100)(lines(b'{"value": "", "timestamp": "%s"}' % written.encode()))
    assert made.records.column("timestamp").to_pylist() == [STAMP]


def test_json_takes_local_times() -> None:
    made = json_records(1, 100)(lines(b'{"value": "", "timestamp": "2021-02-03T04:05:06.789"}'))
    wanted = datetime(2021, 2, 3, 4, 5, 6, 789_000).timestamp() * 1000
    assert made.records.column("timestamp").to_pylist() == [wanted]


def test_an_invalid_regular_expression_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="missing \\)"):
        compiled("(")
