import pyarrow as pa
import pytest

from engine.producer.sources.json_lines import json_records
from engine.producer.sources.record_makers import Made, key_and_value, with_key


def lines(*values: bytes) -> pa.BinaryArray:
    return pa.array(values, pa.binary())


def pairs(made: Made) -> list[tuple[bytes | None, bytes | None]]:
    return list(
        zip(made.records.column("key").to_pylist(), made.records.column("value").to_pylist(), strict=True)
    )


def test_a_key_for_all() -> None:
    assert pairs(with_key(b"\xff")(lines(b"a", b""))) == [(b"\xff", b"a"), (b"\xff", b"")]


def test_a_separator_counts_once_and_ends_where_there_is_none() -> None:
    make = key_and_value("=>")
    made = make(lines(b"a=>1", b"=>", b"\xfe=>x=>y"))
    assert (pairs(made), made.fault) == ([(b"a", b"1"), (b"", b""), (b"\xfe", b"x=>y")], "")
    # The lines after the first that has none are not looked at.
    made = make(lines(b"a=>1", b"a=1", b"b=>2").slice(0, 3))
    assert pairs(made) == [(b"a", b"1")]
    assert "'=>'" in made.fault


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"", "is not JSON: expecting value at column 1"),
        (b'{"value": 1,}', "is not JSON: "),
        (b"a\xff", "is not JSON: byte 2 is not UTF-8"),
        (b"[" * 100_000, "is not JSON: nested too deeply"),
        (b'{"value": ' + b"1" * 5000 + b"}", "is not JSON: a number has too many digits"),
        (b"[]", "is not a JSON object"),
        (b"{}", "has no value"),
        (b'{"value": 1}', "value that is not text"),
        (b'{"value": "\\ud800"}', "value that is not text"),
        (b'{"value_base64": "?"}', "value_base64 that is not base64"),
        (b'{"value_base64": 1}', "value_base64 that is not base64"),
        (b'{"value": "", "value_base64": ""}', "has both"),
        (b'{"vlaue": ""}', "'vlaue'"),
        (b'{"value": "", "timestamp": 1.5}', "timestamp"),
        (b'{"value": "", "timestamp": true}', "timestamp"),
        (b'{"value": "", "timestamp": 9223372036854775808}', "timestamp"),
        (b'{"value": "", "partition": 2}', "partition 2, and the topic has 2"),
        (b'{"value": "", "partition": -1}', "partition"),
        (b'{"value": "", "headers": 1}', "neither an object nor a list"),
        (b'{"value": "", "headers": {"a": 1}}', "value that is not text"),
        (b'{"value": "", "timestamp": "soon"}', "timestamp"),
        (b'{"value": "", "headers": [{"name": "a"}]}', "without a name or a value"),
        (b'{"value": "\\u0000\\u0000\\u0000\\u0000\\u0000"}', "longer than 4 bytes"),
    ],
)
def test_a_line_that_is_no_record_ends_what_is_made(line: bytes, fault: str) -> None:
    made = json_records(2, 4)(lines(b'{"value": "a"}', line, b'{"value": "b"}'))
    assert pairs(made) == [(None, b"a")]
    assert fault in made.fault


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        (b"[]", "each line must be an object"),
        (b'{"value": "", "partition": 7}', "use a topic with 8 partitions"),
        (b'{"value": "12345"}', "--max-record-bytes"),
    ],
)
def test_what_helps_depends_on_the_fault(line: bytes, remedy: str) -> None:
    assert remedy in json_records(2, 4)(lines(line)).remedy


def test_a_null_value_is_a_tombstone() -> None:
    made = json_records(1, 100)(
        lines(b'{"key": "a", "value": null}', b'{"value_base64": null}', b'{"value": ""}')
    )
    assert pairs(made) == [(b"a", None), (None, None), (None, b"")]
    assert not made.fault
