"""The only thread of a process that writes: it merges waiting appends into few rows and one commit."""

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeVar

from engine.broker.sqlite.appends import (
    ROW_BYTES,
    Append,
    Bases,
    Payloads,
    answer,
    ends_of,
    grouped,
    insert,
    rows_of,
)
from engine.broker.sqlite.damage.end_mark import EndMark, MarkedEnd
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import FileIdentity
from engine.broker.sqlite.tables.codec import Payload, encode
from engine.broker.sqlite.tables.schema import transaction
from engine.broker.sqlite.tables.topic_table import DEFAULT_COMPRESSION
from engine.broker.sqlite.wal import WriteAheadLog
from engine.broker.topics import Compression
from engine.errors import BrokerClosedError, EngineError
from engine.file_lock import FileLock

GATHER_SECONDS = 0.005
"""How long after a commit the next one waits for as many appends as the last one had."""

_COMMIT_BYTES = 16 << 20  # of appends in one transaction: limits how long others wait for the lock
_CLOSE_SECONDS = 1.0

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """Something else to do inside a transaction."""

    run: Callable[[sqlite3.Connection], Any]
    frees: bool
    """Whether it frees space, and so may use the reserved space."""
    ends: Callable[[Any], Sequence[MarkedEnd]]
    """The ends to mark, from its result."""
    done: "Future[Any]" = field(default_factory=Future)


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

    def append(self, append: Append) -> int:
        """Append records and return the first one's offset."""
        with self._changed:
            self._check_open()
            self._appends.append(append)
            self._waiting_bytes += append.size
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

    def append_with(self, appends: Sequence[Append], work: Callable[[sqlite3.Connection], None]) -> list[int]:
        """Append records and do `work` in one transaction; the first offset of each append."""
        groups = grouped(appends)
        payloads = {
            table: [encode(records, self._codec(group)) for records in rows_of(group)]
            for table, group in groups.items()
        }

        def insert_and_work(connection: sqlite3.Connection) -> Bases:
            bases = insert(connection, groups, payloads)
            for base in bases.values():
                if isinstance(base, EngineError):
                    raise base
            work(connection)
            return bases

        bases = self.run(insert_and_work, ends=lambda bases: ends_of(groups, bases))
        for table, group in groups.items():
            answer(group, bases[table])
        return [append.done.result() for append in appends]

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
            groups = grouped(appends)
            payloads = {table: self._encode(group) for table, group in groups.items()}
            bases = self._transact(
                lambda connection: insert(connection, groups, payloads), lambda bases: ends_of(groups, bases)
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
            answer(group, bases[table])

    def _encode(self, group: list[Append]) -> list[Payload]:
        rows, codec = rows_of(group), self._codec(group)
        if len(rows) == 1 or codec == "none":
            return [encode(records, codec) for records in rows]
        # Measured: two rows on two cores, 1.3 ms instead of 2.1; no gain without compression.
        return list(self._encoders.map(encode, rows, repeat(codec)))

    def _codec(self, group: list[Append]) -> Compression:
        return self._compression or group[0].topic.options.compression or DEFAULT_COMPRESSION

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


def _log_commit(appends: list[Append], payloads: Payloads, seconds: float) -> None:
    records = sum(append.count for append in appends)
    size = sum(len(payload.data) for rows in payloads.values() for payload in rows)
    message = "committed %d records of %d appends as %d bytes in %.1f ms"
    _LOG.debug(message, records, len(appends), size, seconds * 1000)
