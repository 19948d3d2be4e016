"""The headers of records, as SmartStreams see them."""

import random

import pyarrow as pa
import pytest

from engine.records.batch import SCHEMA, Batch, Headers, record_batch
from engine.runtime.memory.columns import columns_of
from engine.runtime.smartstream import SmartStream
from tests.engine.conftest import BuildFilter

SOURCE = """
    #[smartstream(map)]
    fn f(record: &Record) -> Vec<u8> {
        let mut shown = Vec::new();
        for (name, value) in record.headers() {
            shown.extend_from_slice(name.as_bytes());
            shown.push(b'=');
            shown.extend_from_slice(value.unwrap_or(b"none"));
            shown.push(b';');
        }
        shown.extend_from_slice(record.header("trace").unwrap_or(b"-"));
        shown
    }
"""


def shown(headers: Headers | None) -> bytes:
    """What the function above makes of a record."""
    pairs = headers or ()
    listed = [name.encode() + b"=" + (b"none" if value is None else value) + b";" for name, value in pairs]
    last = next((value for name, value in reversed(pairs) if name == "trace"), None)
    return b"".join(listed) + (b"-" if last is None else last)


def random_headers(chance: random.Random) -> Headers | None:
    if chance.random() < 0.3:
        return None
    names = ("trace", "", "naïve", "a" * 40)
    return tuple(
        (chance.choice(names), None if chance.random() < 0.3 else chance.randbytes(chance.randrange(20)))
        for _ in range(chance.randrange(4))
    )


def batch(headers: list[Headers | None]) -> Batch:
    return Batch.consecutive(0, 0, record_batch([b"v"] * len(headers), headers=headers, timestamps=1))


@pytest.mark.cargo
def test_names_and_values_of_any_slice(build_filter: BuildFilter) -> None:
    chance = random.Random("headers")
    headers = [random_headers(chance) for _ in range(300)]
    wasm = build_filter(SOURCE).wasm
    assert wasm is not None
    with SmartStream(wasm) as stream:
        for start, stop in ((0, 300), (1, 300), (8, 11), (299, 300)):
            part = batch(headers).slice(start, stop)
            made = stream.evaluate(part).outputs.records(part.records)
            assert made.column("value").to_pylist() == [shown(one) for one in headers[start:stop]]
            # An output has its input's.
            assert made.column("headers").to_pylist() == part.records.column("headers").to_pylist()


def test_records_without_headers_need_no_column() -> None:
    assert "headers" not in columns_of(batch([None, None]), 2)
    assert "headers" not in columns_of(batch([(), (("a", b""),)]).slice(0, 1), 2)


@pytest.mark.cargo
def test_entries_behind_a_null_are_of_no_record(build_filter: BuildFilter) -> None:
    names, values = pa.array(["a", "trace", "c"]), pa.array([b"1", b"2", b"3"], pa.binary())
    hidden = pa.MapArray.from_arrays([0, 1, 2, 3], names, values, mask=pa.array([False, True, False]))
    columns = [*record_batch([b"v"] * 3, timestamps=1).columns[:3], hidden]
    part = Batch.consecutive(0, 0, pa.record_batch(columns, schema=SCHEMA))
    wasm = build_filter(SOURCE).wasm
    assert wasm is not None
    with SmartStream(wasm) as stream:
        made = stream.evaluate(part).outputs.records(part.records)
    assert made.column("value").to_pylist() == [b"a=1;-", b"-", b"c=3;-"]
