"""Where the log is, and how it is opened: its files, its write lock, the settings of every connection."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from engine.broker.sqlite.emergency_space import EmergencySpace
from engine.broker.sqlite.errors import LOG_FILE, folder_error, is_no_room, storage_errors
from engine.broker.sqlite.tables import schema
from engine.errors import BrokerError, DataFolderError
from engine.file_lock import FileLock
from engine.files import check_folder, create_folder, create_private, make_private

WAL_LIMIT = 16 << 20
"""Bytes that the write-ahead log is truncated to when it restarts."""
PAGE_BYTES = 16_384
"""Bytes of a page. Databases with pages of 4,096 keep them.

Measured: to append a megabyte and write it back takes SQLite 0.8 ms of CPU time instead of 1.2, without
compression 2.0 instead of 3.2. Single records take as long as before. Larger pages gain little more, and make
single records write more to the disk.
"""
OPEN_SECONDS = 10.0
"""How long opening waits for the write lock, which is held for milliseconds."""

_BUSY_SECONDS = 5.0
_STATEMENTS = 512  # each partition is a table with statements of its own


@dataclass(frozen=True, slots=True)
class Database:
    """Where the log is and how it is opened. Only SQLite may open the database file:
    closing any other descriptor of it drops SQLite's locks, and acknowledged records are lost."""

    folder: Path
    durable: bool = True

    @property
    def path(self) -> Path:
        return self.folder / LOG_FILE

    @property
    def wal(self) -> Path:
        return self.folder / "log.db-wal"

    @property
    def write_lock(self) -> Path:
        return self.folder / "log.lock"

    @property
    def commits(self) -> Path:
        """The side file that wakes other processes after a commit."""
        return self.folder / "log.commits"

    @property
    def maintenance_lock(self) -> Path:
        return self.folder / "log.maintenance.lock"

    @property
    def emergency_space(self) -> EmergencySpace:
        return EmergencySpace(self.folder / "log.ballast", self.path)

    def consumer_lock(self, topic: int, consumer: str) -> Path:
        """The side file that a running named consumer holds locked; by the id of its topic."""
        # A name of 249 characters is too long for some file systems, and others ignore case.
        name = sha256(f"{topic} {consumer}".encode()).hexdigest()[:32]
        return self.folder / f"log.consumer.{name}.lock"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Create the folder if necessary, and hold the write lock within the block."""
        try:
            create_folder(self.folder)
            check_folder(self.folder, DataFolderError)
            lock = FileLock(self.write_lock)
        except OSError as error:
            raise folder_error(self.folder, error) from error
        try:
            if not lock.acquire_within(OPEN_SECONDS):
                raise BrokerError(
                    f"another process has kept the log in {self.folder} locked for {OPEN_SECONDS:g} seconds",
                    "continue it if it is stopped (fg after Ctrl-Z), or end it",
                )
            with storage_errors(self.folder):
                yield
        finally:
            lock.close()

    def _create_file(self) -> None:
        # SQLite would let others read it, and gives its own side files the mode of the database.
        with suppress(FileExistsError):
            os.close(create_private(self.path))
        if self.path.is_symlink():
            raise DataFolderError(f"{self.path} is a link", "move the file that it names into its place")

    def open_or_create(self, new_id: bytes) -> sqlite3.Connection:
        """Create the database if necessary, check it, and return a connection for writing; `sqlite3.Error`.

        If it has no id, it gets `new_id`. Hold the write lock.
        """
        self._create_file()
        try:
            return self._open_or_create(new_id)
        except sqlite3.OperationalError as error:
            if not is_no_room(error, self.folder) or not self.emergency_space.lend():
                raise
        return self._open_or_create(new_id)

    def _open_or_create(self, new_id: bytes) -> sqlite3.Connection:
        with ExitStack() as undo:
            connection = undo.enter_context(closing(self._connect("rwc")))
            if schema.is_empty(connection):
                self._create(connection, new_id)
            self._check(connection, new_id)
            self._configure(connection)
            for path in (self.path, self.wal, self.folder / "log.db-shm"):  # of earlier versions
                with suppress(FileNotFoundError):
                    make_private(path)
            undo.pop_all()
        return connection

    def _create(self, connection: sqlite3.Connection, new_id: bytes) -> None:
        # The order matters: setting WAL writes the first page, which fixes page size and auto_vacuum.
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        schema.create_tables(connection, new_id)

    def _check(self, connection: sqlite3.Connection, new_id: bytes) -> None:
        if schema.pragma(connection, "application_id") != schema.APPLICATION_ID:
            raise DataFolderError(f"the database {self.path} is not a log of fluvio-tui")
        version = schema.pragma(connection, "user_version")
        if version == 1:
            schema.upgrade(connection, new_id)
        elif version != schema.VERSION:
            raise DataFolderError(
                f"the log in {self.folder} was written by another version of fluvio-tui "
                f"(format {version}; this one reads formats 1 and {schema.VERSION})",
                "use the version that wrote it or a newer one",
            )
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise DataFolderError(
                f"the file system of {self.folder} does not support SQLite's write-ahead log",
                "use a local disk",
            )

    def _configure(self, connection: sqlite3.Connection) -> None:
        # Never OFF: such a checkpoint could lose what other processes have acknowledged.
        connection.execute(f"PRAGMA synchronous = {'FULL' if self.durable else 'NORMAL'}")
        connection.execute("PRAGMA secure_delete = OFF")  # Debian's default makes deletes 16 times slower
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        if sys.platform == "darwin":  # there, a plain fsync stops at the cache of the drive
            connection.execute(f"PRAGMA fullfsync = {int(self.durable)}")
            connection.execute("PRAGMA checkpoint_fullfsync = 1")

    def _connect(self, mode: str, timeout: float = _BUSY_SECONDS) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=timeout,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )
        # In a damaged row, text may be anything: that must not keep the others from being read.
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        return connection

    def connect(self) -> sqlite3.Connection:
        """Another connection to a prepared database, for writing."""
        with ExitStack() as undo:
            connection = undo.enter_context(closing(self._connect("rw")))
            self._configure(connection)
            undo.pop_all()
        return connection

    def connect_reader(self) -> sqlite3.Connection:
        """Another connection to a prepared database, for reading only."""
        connection = self.connect()
        connection.execute("PRAGMA query_only = 1")
        return connection

    def connect_without_changing(self, *, wal: bool) -> sqlite3.Connection:
        """A connection to an existing database that changes nothing, with its write-ahead log or without."""
        return self._connect("ro" if wal else "ro&immutable=1")

    def connect_for_completion(self) -> sqlite3.Connection:
        """A connection to an existing database that only reads, does not wait, and leaves no file behind."""
        # Without a write-ahead log no process has it open, and reading would create one that stays.
        return self._connect("ro" if self.wal.exists() else "ro&immutable=1", timeout=0)
