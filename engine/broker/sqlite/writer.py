"""The only thread of a process that writes: it merges waiting appends into few rows and one commit."""

import logging
import os
import sqlite3
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from math import ceil
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.sqlite import partition_table as sql
from engine.broker.sqlite.codec import Payload, encode
from engine.broker.sqlite.end_mark import EndMark, MarkedEnd
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import FileIdentity
from engine.broker.sqlite.schema import Database, transaction
from engine.broker.sqlite.topic_table import StoredTopic, allow_tombstones, is_live, unknown_topic
from engine.broker.sqlite.wal import WriteAheadLog
from engine.broker.topics import Compression
from engine.errors import BrokerClosedError, EngineError
from engine.file_lock import FileLock
from engine.records.batch import joined, now_ms

ROW_BYTES = 1_000_000
"""Bytes of a row before compression, about: two rows fit into one read of 2 MiB."""
ROW_RECORDS = 16_384
"""Records of a row at most: one read takes them all."""
GATHER_SECONDS = 0.005
"""How long after a commit the next one waits for as many appends as the last one had."""

_RECORD_OVERHEAD = 24  # a record's share of the offsets, the timestamp and the validity bits, in a payload
_COMMIT_BYTES = 16 << 20  # of appends in one transaction: limits how long others wait for the lock
_CLOSE_SECONDS = 1.0

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Job:
    """Something else to do inside a transaction."""

    run: Callable[[sqlite3.Connection], Any]
    frees: bool
    """Whether it frees space, and so may use the reserved space."""
    ends: Callable[[Any], Sequence[MarkedEnd]]
    """The ends to mark, from its result."""
    done: "Future[Any]" = field(default_factory=Future)


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


def _no_ends(_: object) -> Sequence[MarkedEnd]:
    return ()


class Writer:
    """Appends and other changes, from any thread, each returning once it is committed."""

    def __init__(
        self,
        database: Database,
        files: FileIdentity,
        connection: sqlite3.Connection,
        mark: EndMark,
        committed: Callable[[], None],
        compression: Compression | None,
    ) -> None:
        """`connection` belongs to the writer from now on. `compression` replaces each topic's own.

        `committed` is called after each commit, in the writing thread, before the callers return.
        """
        self._database = database
        self._connection = connection
        self._mark = mark
        self._wal = WriteAheadLog(database.wal)
        self._committed = committed
        self._compression = compression
        self._lock = FileLock(database.write_lock)
        self._emergency_space = database.emergency_space
        self._files = files
        self._encoders = ThreadPoolExecutor(os.cpu_count(), "log-encoder")
        self._changed = threading.Condition()
        self._appends: deque[Append] = deque()
        self._jobs: deque[Job] = deque()
        self._waiting_bytes = 0
        self._closing = False
        self._last_commit = 0.0
        self._last_count = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def append(
        self, topic: StoredTopic, partition: int, records: pa.RecordBatch, sizes: npt.NDArray[np.int64]
    ) -> int:
        """Append at least one record and return the first one's offset."""
        topic.topic.check_partition(partition)
        chunks = split(records, sizes)
        size = sum(chunk.size for chunk in chunks)
        append = Append(topic, partition, chunks, size, len(sizes))
        with self._changed:
            self._check_open()
            self._appends.append(append)
            self._waiting_bytes += size
            if len(self._appends) == 1 or self._enough():
                self._changed.notify()
        return append.done.result()

    def run(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        frees: bool = False,
        ends: Callable[[T], Sequence[MarkedEnd]] = _no_ends,
    ) -> T:
        """Do `work` inside a transaction of its own, on the writing thread, and return what it returns.

        Work that frees space succeeds on a full disk, too. `ends` are marked once it is committed.
        """
        job = Job(work, frees, ends)
        with self._changed:
            self._check_open()
            self._jobs.append(job)
            self._changed.notify()
        result: T = job.done.result()
        return result

    def _check_open(self) -> None:
        if self._closing:
            raise BrokerClosedError("the broker is closed")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._appends or self._closing)
                if not self._jobs and not self._appends:
                    return
                job = self._jobs.popleft() if self._jobs else None
                appends = [] if job else self._gather()
            if job:
                self._do(job)
            elif appends:
                self._write(appends)

    def _gather(self) -> list[Append]:
        self._changed.wait_for(self._enough, self._last_commit + GATHER_SECONDS - time.monotonic())
        taken: list[Append] = []
        size = 0
        while self._appends and size < _COMMIT_BYTES:
            taken.append(self._appends.popleft())
            size += taken[-1].size
        self._waiting_bytes -= size
        return taken

    def _enough(self) -> bool:
        # Callers block, so no more appends will come than took part in the last commit: a single caller never
        # waits, and 64 commit together.
        return bool(
            len(self._appends) >= self._last_count
            or self._waiting_bytes >= ROW_BYTES
            or self._jobs
            or self._closing
        )

    def _do(self, job: Job) -> None:
        try:
            result = self._transact(job.run, job.ends, job.frees)
        except Exception as error:  # noqa: BLE001 - the caller raises it
            job.done.set_exception(error)
        else:
            job.done.set_result(result)

    def _write(self, appends: list[Append]) -> None:
        started = time.perf_counter()
        try:
            groups = defaultdict(list)
            for append in appends:
                groups[append.topic.table(append.partition)].append(append)
            payloads = {table: self._encode(group) for table, group in groups.items()}
            bases = self._transact(
                lambda connection: _insert(connection, groups, payloads), lambda bases: _ends(groups, bases)
            )
        except Exception as error:  # noqa: BLE001 - every caller raises it
            _LOG.debug("a commit failed: %r", error)
            for append in appends:
                append.done.set_exception(error)
            return
        self._last_count = len(appends)
        if _LOG.isEnabledFor(logging.DEBUG):
            _log_commit(appends, payloads, time.perf_counter() - started)
        for table, group in groups.items():
            _answer(group, bases[table])

    def _encode(self, group: list[Append]) -> list[Payload]:
        rows = merge([chunk for append in group for chunk in append.chunks])
        codec = self._compression or group[0].topic.options.compression
        if len(rows) == 1 or codec == "none":
            return [encode(records, codec) for records in rows]
        # Measured: two rows on two cores, 1.3 ms instead of 2.1; no gain without compression.
        return list(self._encoders.map(encode, rows, repeat(codec)))

    def _transact(
        self,
        work: Callable[[sqlite3.Connection], T],
        ends: Callable[[T], Sequence[MarkedEnd]],
        frees: bool = False,
    ) -> T:
        def transact() -> T:
            with transaction(self._connection):
                result = work(self._connection)
            self._files.check()  # before the mark, which others read from the files in the folder
            self._mark.committed(self._wal.salts(), ends(result))
            return result

        with storage_errors(self._database.folder):
            if frees:
                result = self._emergency_space.clean_up(self._connection, self._lock, transact)
            else:
                with self._lock:
                    result = transact()
            self._last_commit = time.monotonic()
        self._committed()
        return result

    def finish(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._encoders.shutdown()

    def close(self) -> None:
        """Close the connection, after `finish` and once."""
        # The last connection of all removes the write-ahead log, preferably while no process opens it. But
        # closing must not wait for a stopped process; SQLite resolves that race, if slowly.
        self._lock.acquire_within(_CLOSE_SECONDS)
        self._connection.close()
        self._lock.close()
        self._wal.close()


def _log_commit(appends: list[Append], payloads: dict[str, list[Payload]], seconds: float) -> None:
    records = sum(append.count for append in appends)
    size = sum(len(payload.data) for rows in payloads.values() for payload in rows)
    message = "committed %d records of %d appends as %d bytes in %.1f ms"
    _LOG.debug(message, records, len(appends), size, seconds * 1000)


def _insert(
    connection: sqlite3.Connection, groups: dict[str, list[Append]], payloads: dict[str, list[Payload]]
) -> dict[str, int | EngineError]:
    bases: dict[str, int | EngineError] = {}
    for table, group in groups.items():
        topic = group[0].topic
        if is_live(connection, topic.topic):
            if any(payload.tombstones for payload in payloads[table]):
                allow_tombstones(connection, topic)
            bases[table] = sql.insert(connection, table, payloads[table])
            sql.retain(connection, table, topic.options, now_ms())
        else:
            bases[table] = unknown_topic(topic.topic.name, [])
    return bases


def _ends(groups: dict[str, list[Append]], bases: dict[str, int | EngineError]) -> list[MarkedEnd]:
    """The ends of the partitions after an insert."""
    found = []
    for table, group in groups.items():
        base, first = bases[table], group[0]
        if isinstance(base, int):
            end = base + sum(append.count for append in group)
            name, number = first.topic.topic.name, first.topic.id
            found.append(MarkedEnd(topic=number, name=name, partition=first.partition, end=end))
    return found


def _answer(group: list[Append], base: int | EngineError) -> None:
    for append in group:
        if isinstance(base, EngineError):
            append.done.set_exception(base)
        else:
            append.done.set_result(base)
            base += append.count
