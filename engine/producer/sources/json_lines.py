"""Records from JSON objects, one per line, as `consume -O json` prints them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from engine.producer.sources.record_makers import Made, Maker
from engine.records.batch import Record, now_ms, record_batch
from engine.records.record_json import NotARecordError, json_object, parse_record, record_of

LONGEST_ESCAPE = 6
"""Bytes of JSON that a byte of a record takes at most, as in \\u0000."""
ROOM = 4096
"""Bytes of JSON around the content of a record, about."""


def json_records(partitions: int, limit: int) -> Maker:
    """A line is an object, which may name one of this many partitions.

    `limit` is in bytes per record. Offsets are ignored: the log gives new ones.
    """

    def make(lines: pa.BinaryArray) -> Made:
        now = now_ms()
        parsed: list[Record] = []
        fault: NotARecordError | None = None
        for line in lines.to_pylist():
            try:
                parsed.append(_parse(line or b"", now, partitions, limit))
            except NotARecordError as error:
                fault = error
                break
        return _made(parsed, fault)

    return make


def addressed_records(first_offset: int, limit: int) -> Maker:
    """A line is an object, which may name its partition and its offset.

    Without a partition it is of partition 0, and without an offset it follows the record before it, or is at
    `first_offset`.
    """
    following = first_offset

    def make(lines: pa.BinaryArray) -> Made:
        nonlocal following
        now = now_ms()
        parsed: list[Record] = []
        fault: NotARecordError | None = None
        for line in lines.to_pylist():
            try:
                record = record_of(json_object(line or b""), now, following)
                _check_size(record, limit)
            except NotARecordError as error:
                fault = error
                break
            following = record.offset + 1
            parsed.append(record)
        return replace(_made(parsed, fault), offsets=np.array([one.offset for one in parsed], np.int64))

    return make


def _made(parsed: list[Record], fault: NotARecordError | None) -> Made:
    records = record_batch(
        [one.value for one in parsed],
        keys=[one.key for one in parsed],
        timestamps=[one.timestamp for one in parsed],
        headers=[one.headers or None for one in parsed] if any(one.headers for one in parsed) else None,
    )
    wanted = np.array([one.partition for one in parsed], np.int64)
    return Made(records, wanted, *((str(fault), fault.remedy) if fault else ()))


def _parse(line: bytes, now: int, partitions: int, limit: int) -> Record:
    parsed = parse_record(json_object(line), now)
    if parsed.partition >= partitions:
        raise NotARecordError(
            f"is for partition {parsed.partition}, and the topic has {partitions}",
            f"use a topic with {parsed.partition + 1:,} partitions, or leave 'partition' out of the lines",
        )
    _check_size(parsed, limit)
    return parsed


def _check_size(record: Record, limit: int) -> None:
    if record.size > limit:
        raise NotARecordError(
            f"is longer than {limit:,} bytes, the limit for a record",
            "raise the limit with --max-record-bytes",
        )
