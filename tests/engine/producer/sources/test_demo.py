import json

import pyarrow as pa

from engine.producer.sources.demo import DemoStream
from engine.records.batch import SCHEMA


def test_the_same_seed_gives_the_same_records_however_they_are_taken() -> None:
    whole = DemoStream(7).take(300)
    stream = DemoStream(7)
    parts = pa.concat_batches([stream.take(count) for count in (1, 0, 99, 200)])
    for column in ("key", "value"):
        assert parts.column(column) == whole.column(column)
    assert DemoStream(8).take(300).column("value") != whole.column("value")


def test_the_stream_is_lifelike() -> None:
    batch = DemoStream(7).take(5_000)
    assert batch.schema == SCHEMA
    values: list[bytes] = batch.column("value").to_pylist()
    kinds = [_kind(value) for value in values]
    for kind, least, most in [
        ("order", 2_000, 3_000),
        ("request", 1_300, 2_200),
        ("text", 200, 900),
        ("number", 150, 600),
        ("bytes", 5, 100),
    ]:
        assert least < kinds.count(kind) < most, kind
    assert len(set(values)) == len(values)
    keys = set(batch.column("key").to_pylist())
    assert {b"customer-001", b"Lisbon", None} <= keys


def _kind(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "bytes"
    if text.isdigit():
        return "number"
    return json.loads(text)["type"] if text.startswith("{") else "text"
