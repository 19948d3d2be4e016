"""The log of the embedded broker: one thread appends, a pool of connections reads."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.log import (
    NO_ENDS,
    READ_BYTES,
    READ_RECORDS,
    Appended,
    Log,
    NewRecords,
    Positions,
    check_columns,
)
from engine.broker.sqlite.appends import Append
from engine.broker.sqlite.damage.verify import damaged_rows
from engine.broker.sqlite.maintenance import Maintainer
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.reader import EmbeddedReader
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables.codec import REMOVED, DamagedPayloadError, decode, stand_in
from engine.broker.sqlite.tables.topic_table import StoredTopic, find_topic
from engine.broker.sqlite.wakeup import ChangeNotifier
from engine.broker.sqlite.writer import Writer
from engine.broker.topics import OffsetRange, Topic
from engine.errors import (
    DamagedBatchError,
    DeletedTopicError,
    NoRoomError,
    RecordTooLargeError,
    UnknownTopicError,
)
from engine.records.batch import Batch, concatenated, record_batch
from engine.records.sizes import record_sizes, within


class EmbeddedLog(Log):
    """The `Log` of an embedded broker."""

    def __init__(
        self,
        pool: ReadPool,
        writer: Writer,
        maintainer: Maintainer,
        changes: ChangeNotifier,
        max_record_bytes: int,
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._maintainer = maintainer
        self._changes = changes
        self._max_record_bytes = max_record_bytes
        self._known_topics: dict[str, StoredTopic] = {}

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        # All records are on disk, or none is appended.
        sizes = self._checked_sizes(records)
        if not records.num_rows:
            with self._pool.snapshot() as connection:
                end = sql.end_offset(connection, find_topic(connection, topic).table(partition))
            return Appended(partition=partition, first=end, last=end - 1)
        (first,) = self._written(
            lambda: [self._writer.append(Append.of(self._known_topic(topic), partition, records, sizes))]
        )
        return Appended(partition=partition, first=first, last=first + len(sizes) - 1)

    def append_with(
        self, appends: Sequence[NewRecords], work: Callable[[sqlite3.Connection], None]
    ) -> list[Appended]:
        """Append records, some to each partition, and do `work`, in one transaction; errors as `append`."""
        sizes = [self._checked_sizes(new.records) for new in appends]

        def write() -> list[int]:
            waiting = [
                Append.of(self._known_topic(new.topic), new.partition, new.records, own)
                for new, own in zip(appends, sizes, strict=True)
            ]
            return self._writer.append_with(waiting, work)

        firsts = self._written(write)
        return [
            Appended(partition=new.partition, first=first, last=first + new.records.num_rows - 1)
            for new, first in zip(appends, firsts, strict=True)
        ]

    def _checked_sizes(self, records: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """The size of each record; `ValueError` or `RecordTooLargeError` if they cannot be appended."""
        check_columns(records)
        sizes = record_sizes(records)
        if len(sizes) and sizes.max() > self._max_record_bytes:
            largest = int(sizes.argmax())
            raise RecordTooLargeError(
                f"the record at index {largest} has {sizes[largest]:,} bytes, "
                f"more than the {self._max_record_bytes:,} that one may have",
                "produce smaller records",
            )
        return sizes

    def _written(self, write: Callable[[], list[int]]) -> list[int]:
        """What `write` returns; again if a topic was deleted since it was found, or the disk was full."""
        cleaned_up = False
        while True:
            try:
                return write()
            except DeletedTopicError:  # of a consumer that commits with it
                raise
            except UnknownTopicError as error:  # another of that name may have been created
                if self._known_topics.pop(error.subject, None) is None:
                    raise
            except NoRoomError:
                if cleaned_up:
                    raise
                self._maintainer.clean_up(full=True)
                cleaned_up = True

    def _known_topic(self, name: str) -> StoredTopic:
        # Looking it up costs as much as the rest of a small append; the writer sees when it is gone.
        stored = self._known_topics.get(name)
        if stored is None:
            with self._pool.snapshot() as connection:
                stored = self._known_topics[name] = find_topic(connection, name)
        return stored

    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        with self._pool.snapshot() as connection:
            stored = find_topic(connection, topic)
            return {p: sql.offsets(connection, stored.table(p)) for p in range(stored.topic.partitions)}

    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        timestamp = min(max(timestamp, sql.MIN_TIMESTAMP), sql.MAX_OFFSET)
        return {p: self._offset_at(topic, p, timestamp, sql.clamped(start)) for p, start in starts.items()}

    def _offset_at(self, topic: str, partition: int, timestamp: int, start: int) -> int:
        while True:
            with self._pool.snapshot() as connection:
                table = find_topic(connection, topic).table(partition)
                row = sql.row_stamped(connection, table, start, timestamp)
                if row is None:
                    return sql.end_offset(connection, table)
            try:
                stamps = decode(row).column("timestamp").to_numpy()
            except DamagedPayloadError:
                return max(row.base, start)
            first = max(start - row.base, 0)
            found = np.flatnonzero(stamps[first:] >= timestamp)
            if len(found):
                return row.base + first + int(found[0])
            # Those at or after the time come before `start` in their batch.
            start = row.base + row.count

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> EmbeddedReader:
        return EmbeddedReader(self._pool, self._changes, topic, positions, ends, max_records, max_bytes)

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        before = first = sql.clamped(before)
        parts: list[Batch] = []
        while not parts:  # all that was read is damaged
            with self._pool.snapshot() as connection:
                table = find_topic(connection, topic).table(partition)
                rows = sql.rows_before(connection, table, first, count, max_bytes)
            if not rows:
                break
            for row in rows:
                with suppress(DamagedPayloadError):
                    parts.append(Batch.consecutive(partition, row.base, decode(row)))
            first = rows[0].base
        if parts:
            parts[-1] = parts[-1].slice(0, parts[-1].index_of(before))
            found = concatenated(*parts)
        else:
            found = Batch.consecutive(partition, before, record_batch([]))
        return within(found, count, max_bytes, newest=True)

    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        for partition, held in self.offsets(topic).items():
            position: int | None = held.start
            while position is not None:
                # Not all in one snapshot: the write-ahead log would grow meanwhile.
                with self._pool.snapshot() as connection:
                    found = find_topic(connection, topic).topic
                    damage, position = damaged_rows(connection, found, partition, position)
                yield from damage

    def discard(self, damage: DamagedBatchError) -> None:
        """Give up damaged or missing records: from now on readers pass over them, and count them as lost."""

        def replace(connection: sqlite3.Connection) -> None:
            table = find_topic(connection, damage.topic).table(damage.partition)
            sql.replace(connection, table, damage.start, stand_in(damage.stop - damage.start, REMOVED))

        self._writer.run(replace)

    def trim(self, topic: str, partition: int, before: int) -> OffsetRange:
        """Delete whole batches of records before an offset, never the last batch; what is left."""

        def step(connection: sqlite3.Connection) -> bool:
            return sql.trim(connection, find_topic(connection, topic).table(partition), sql.clamped(before))

        while self._writer.run(step, frees=True):
            pass
        self._maintainer.clean_up()
        return self.offsets(topic)[partition]
