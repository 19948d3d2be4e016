"""Appends that wait to be written: cut and merged into rows, and inserted in one transaction."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.sqlite.damage.end_mark import MarkedEnd
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables.codec import Payload
from engine.broker.sqlite.tables.topic_table import StoredTopic, allow_tombstones, is_live
from engine.broker.topics import unknown_topic
from engine.errors import EngineError
from engine.records.batch import joined, now_ms

ROW_BYTES = 1_000_000
"""Bytes of a row before compression, about: two rows fit into one read of 2 MiB."""
ROW_RECORDS = 16_384
"""Records of a row at most: one read takes them all."""

_RECORD_OVERHEAD = 24  # a record's share of the offsets, the timestamp and the validity bits, in a payload

Groups = dict[str, list["Append"]]
"""Appends by the table of their partition."""
Payloads = dict[str, list[Payload]]
Bases = dict[str, int | EngineError]
"""The first offset of what was inserted into each table, or why nothing was."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records for one row, or for a part of one."""

    records: pa.RecordBatch
    size: int
    """Bytes in the payload before compression, about."""


@dataclass(frozen=True, slots=True)
class Append:
    """One caller's records, waiting."""

    topic: StoredTopic
    partition: int
    chunks: list[Chunk]
    size: int
    count: int
    done: "Future[int]" = field(default_factory=Future)

    @classmethod
    def of(
        cls, topic: StoredTopic, partition: int, records: pa.RecordBatch, sizes: npt.NDArray[np.int64]
    ) -> "Append":
        """At least one record, each of the given size; `BrokerError` if there is no such partition."""
        topic.topic.check_partition(partition)
        chunks = split(records, sizes)
        return cls(topic, partition, chunks, sum(chunk.size for chunk in chunks), len(sizes))


def split(records: pa.RecordBatch, sizes: npt.NDArray[np.int64]) -> list[Chunk]:
    """Cut records, each of the given size, so that each piece fits into a row if possible.

    The pieces have about the same size, because they are encoded in parallel.
    """
    total = int(sizes.sum()) + _RECORD_OVERHEAD * len(sizes)
    if total <= ROW_BYTES and len(sizes) <= ROW_RECORDS:
        return [Chunk(records, total)]
    ends = np.cumsum(sizes + _RECORD_OVERHEAD)
    chunks = []
    start, before = 0, 0
    while start < len(ends):
        left = int(ends[-1]) - before
        rows = max(ceil(left / ROW_BYTES), ceil((len(ends) - start) / ROW_RECORDS))
        stop = int(np.searchsorted(ends, before + ceil(left / rows), "right"))
        stop = min(max(stop, start + 1), start + ROW_RECORDS)
        chunks.append(Chunk(records.slice(start, stop - start), int(ends[stop - 1]) - before))
        start, before = stop, int(ends[stop - 1])
    return chunks


def merge(chunks: list[Chunk]) -> list[pa.RecordBatch]:
    """Join neighbouring chunks as long as they fit into a row."""
    rows: list[list[pa.RecordBatch]] = []
    size = count = 0
    for chunk in chunks:
        size += chunk.size
        count += chunk.records.num_rows
        if rows and size <= ROW_BYTES and count <= ROW_RECORDS:
            rows[-1].append(chunk.records)
        else:
            rows.append([chunk.records])
            size, count = chunk.size, chunk.records.num_rows
    return [joined(row) for row in rows]


def grouped(appends: Sequence[Append]) -> Groups:
    """Appends by table, in their order."""
    groups: Groups = defaultdict(list)
    for append in appends:
        groups[append.topic.table(append.partition)].append(append)
    return groups


def rows_of(group: Sequence[Append]) -> list[pa.RecordBatch]:
    """What to store of the appends to one partition, a batch for each row."""
    return merge([chunk for append in group for chunk in append.chunks])


def insert(connection: sqlite3.Connection, groups: Groups, payloads: Payloads) -> Bases:
    """Insert what is encoded, inside the caller's transaction."""
    bases: Bases = {}
    for table, group in groups.items():
        topic = group[0].topic
        if is_live(connection, topic.topic):
            if any(payload.tombstones for payload in payloads[table]):
                allow_tombstones(connection, topic)
            bases[table] = sql.insert(connection, table, payloads[table])
            sql.retain(connection, table, topic.options, now_ms())
        else:
            bases[table] = unknown_topic(topic.topic.name)
    return bases


def ends_of(groups: Groups, bases: Bases) -> list[MarkedEnd]:
    """The ends of the partitions after an insert."""
    found = []
    for table, group in groups.items():
        base, first = bases[table], group[0]
        if isinstance(base, int):
            end = base + sum(append.count for append in group)
            name, number = first.topic.topic.name, first.topic.id
            found.append(MarkedEnd(topic=number, name=name, partition=first.partition, end=end))
    return found


def answer(group: Sequence[Append], base: int | EngineError) -> None:
    """Let each append return the offset of its first record, or raise the error."""
    for append in group:
        if isinstance(base, EngineError):
            append.done.set_exception(base)
        else:
            append.done.set_result(base)
            base += append.count
