"""Offset gaps and tombstones, for guests of both versions of the contract."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.batch import SCHEMA, Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime import abi
from engine.runtime.memory.columns import columns_of
from engine.runtime.parameters import look_back_bounds
from engine.runtime.smartstream import SmartStream
from tests.engine.conftest import BuildFilter
from tests.engine.runtime.hashed_records import expected, fields_module, reported
from tests.engine.runtime.wat_guests import guest, sparse

STORED_BEFORE = Path(__file__).parents[2] / "fixtures/v1/data/smartstreams/only_errors.wasm"
VERSIONS = pytest.mark.parametrize("version", [1, 2])


@VERSIONS
def test_gaps_and_tombstones(version: int) -> None:
    chance = random.Random(f"gaps {version}")
    values = [None if chance.random() < 0.2 else chance.randbytes(chance.randrange(9)) for _ in range(500)]
    steps = [chance.choice((1, 1, 1, 1, 2, 1 << 33)) for _ in values]
    records = sparse(values, steps, [chance.choice((None, b"", b"key")) for _ in values])
    with SmartStream(fields_module(version)) as stream:
        assert reported(stream.evaluate(records)) == expected(records, version)
        for start, stop in ((1, 500), (3, 9), (250, 251), (499, 500)):
            part = records.slice(start, stop)
            assert reported(stream.evaluate(part)) == expected(part, version)


@VERSIONS
def test_nothing_but_tombstones(version: int) -> None:
    records = sparse([None] * 20, [7] * 20)
    with SmartStream(fields_module(version)) as stream:
        assert reported(stream.evaluate(records)) == expected(records, version)


@VERSIONS
def test_large_sparse_batch_is_copied_in_parts(version: int) -> None:
    records = sparse([b"x" * 700_000, None, b"7"] * 6, [1, 1, 2] * 6)
    with SmartStream(fields_module(version)) as stream:
        assert reported(stream.evaluate(records)) == expected(records, version)


@VERSIONS
@settings(max_examples=40)
@given(
    records=st.lists(
        st.tuples(
            st.one_of(st.none(), st.binary(max_size=5)),
            st.one_of(st.none(), st.binary(max_size=3)),
            st.sampled_from((1, 1, 1, 2, 1_000)),
        ),
        min_size=1,
        max_size=70,
    ),
    start=st.integers(0, 69),
)
def test_any_gaps_tombstones_and_keys(
    version: int, records: list[tuple[bytes | None, bytes | None, int]], start: int
) -> None:
    values, keys, steps = zip(*records, strict=True)
    whole = sparse(list(values), list(steps), list(keys))
    part = whole.slice(min(start, len(whole) - 1), len(whole))
    with SmartStream(fields_module(version)) as stream:
        assert reported(stream.evaluate(part)) == expected(part, version)


@VERSIONS
def test_bytes_hidden_behind_a_null_are_not_a_value(version: int) -> None:
    validity, ends, data = b"\1", np.array([0, 1, 4], np.int32), b"7bad"
    values = pa.Array.from_buffers(pa.binary(), 2, [pa.py_buffer(part) for part in (validity, ends, data)])
    columns = [pa.nulls(2, pa.binary()), values, pa.array([1, 2]), pa.nulls(2, SCHEMA.field("headers").type)]
    records = Batch.consecutive(0, 0, pa.record_batch(columns, schema=SCHEMA))
    with SmartStream(fields_module(version)) as stream:
        assert reported(stream.evaluate(records)) == expected(records, version)


def test_version_1_guest_gets_no_newer_columns() -> None:
    absent = """
        (i32.eqz (i32.or
          (i32.or
            (i32.load offset=72 (local.get $header))
            (i32.load offset=120 (local.get $header)))
          (i32.or
            (i32.load offset=76 (local.get $header))
            (i32.ne (i32.load (local.get $header)) (i32.const 1)))))"""
    offsets = sparse([b"a", None, b"b", b"c"], [1, 1, 5, 1])
    columns = [
        *offsets.records.columns[:3],
        pa.array([[("name", b"value")]] * 4, SCHEMA.field("headers").type),
    ]
    records = replace(offsets, records=pa.record_batch(columns, schema=SCHEMA))
    with SmartStream(guest(absent)) as stream:
        assert stream.evaluate(records).verdicts.tolist() == [Verdict.PASS] * 4
    with SmartStream(guest(absent, abi="(i32.const 2)")) as stream:
        assert stream.evaluate(records).verdicts.tolist() == [Verdict.DROP] * 4


@VERSIONS
def test_fields_of_the_header_that_a_filter_does_not_need(version: int) -> None:
    records = sparse([b"a", None], [1, 4])
    layout = abi.layout(columns_of(records, version))
    bounds = look_back_bounds(None, version)
    header = abi.header(8, layout, version, records, look_back=bounds)
    assert header[:4] == bytes([version, 0, 0, 0])
    assert header[80:104] == bytes(24)
    assert header[104:120] == (bytes(16) if version == 1 else b"\xff" * 16)
    assert header[120:] == bytes(8)
    assert (header[72:80] == bytes(8)) is (version == 1)


def test_consecutive_offsets_in_an_array_need_no_column() -> None:
    assert "offsets" not in columns_of(sparse([b"a", b"b", b"c"], [1, 1, 1]), 2)


def test_module_stored_by_the_version_before() -> None:
    """Compiled with the SDK of version 1."""
    values = [b"1 INFO well", b"2 ERROR disk", None, b"", b"3 ERROR net"]
    with SmartStream(STORED_BEFORE.read_bytes(), foreign=True) as stream:
        evaluation = stream.evaluate(sparse(values, [1, 2, 1, 9, 1]))
    assert evaluation.verdicts.tolist() == [0, 1, 0, 0, 1]


@pytest.mark.cargo
def test_sdk_reads_offsets_and_tombstones(build_filter: BuildFilter) -> None:
    source = """
        #[smartstream(filter)]
        fn f(record: &Record) -> Result<bool> {
            let (offset, tombstone) = (record.offset(), record.is_tombstone());
            Err(format!("{} {} {}", offset, tombstone, record.value().len()).into())
        }"""
    wasm = build_filter(source).wasm
    assert wasm is not None
    records = sparse([b"abc", None, b"", None], [4, 1, 7, 1 << 40])
    with SmartStream(wasm) as stream:
        messages = [fault.message for fault in stream.evaluate(records).faults]
        assert messages == ["4 false 3", "5 true 0", "12 false 0", f"{12 + (1 << 40)} true 0"]
        consecutive = Batch.consecutive(0, 6, record_batch([b"abc", b""]))
        messages = [fault.message for fault in stream.evaluate(consecutive).faults]
        assert messages == ["6 false 3", "7 false 0"]
