"""Batches whose offsets have gaps."""

import numpy as np

from engine.records.batch import Batch, concatenated, record_batch


def with_gaps(*offsets: int, next_offset: int, lost: int = 0) -> Batch:
    records = record_batch([b"%d" % offset for offset in offsets], timestamps=0)
    return Batch(
        partition=3, records=records, offsets=np.array(offsets, np.int64), next_offset=next_offset, lost=lost
    )


def test_each_record_has_its_own_offset() -> None:
    batch = with_gaps(4, 5, 9, next_offset=12)
    assert [batch.record(index).offset for index in range(3)] == [4, 5, 9]
    assert (batch.first_offset, batch.next_offset, len(batch)) == (4, 12, 3)
    assert batch.offset_array().tolist() == [4, 5, 9]


def test_an_empty_batch_advances() -> None:
    batch = with_gaps(next_offset=7)
    assert (len(batch), batch.first_offset, batch.next_offset) == (0, 7, 7)
    assert list(batch.runs()) == []


def test_index_of_finds_the_next_record_at_or_after_an_offset() -> None:
    batch = with_gaps(4, 5, 9, next_offset=12)
    assert [batch.index_of(offset) for offset in (0, 4, 5, 6, 9, 10, 99)] == [0, 0, 1, 2, 2, 3, 3]
    consecutive = Batch.consecutive(0, 4, record_batch([b"a", b"b"]))
    assert [consecutive.index_of(offset) for offset in (0, 4, 5, 6, 99)] == [0, 0, 1, 2, 2]


def test_a_slice_continues_at_the_next_record() -> None:
    batch = with_gaps(4, 5, 9, next_offset=12, lost=2)
    head, tail = batch.slice(0, 2), batch.slice(2, 3)
    assert (head.next_offset, tail.first_offset, tail.next_offset) == (9, 9, 12)
    assert (head.lost, tail.lost) == (2, 0), "what was lost came before the first record"


def test_runs_are_the_consecutive_offsets() -> None:
    batch = with_gaps(1, 2, 3, 7, 9, 10, next_offset=11)
    assert list(batch.runs()) == [(0, 3), (3, 4), (4, 6)]
    assert [batch.slice(start, 6).first_run() for start in range(6)] == [3, 2, 1, 1, 2, 1]
    consecutive = Batch.consecutive(0, 4, record_batch([b"a", b"b"]))
    assert list(consecutive.runs()) == [(0, 2)]
    assert consecutive.first_run() == 2


def test_batches_concatenate_with_and_without_gaps() -> None:
    first, second = (Batch.consecutive(3, base, record_batch([b"a", b"b"])) for base in (4, 6))
    whole = concatenated(first, second)
    assert whole.offsets == range(4, 8), "a range stays a range"
    gaps = concatenated(whole, with_gaps(9, 12, next_offset=20))
    assert gaps.offset_array().tolist() == [4, 5, 6, 7, 9, 12]
    assert gaps.next_offset == 20
