"""The embedded broker: topics in one SQLite file, shared by every process that opens the folder."""

import logging
import threading
from contextlib import ExitStack
from pathlib import Path

from engine.broker.address import EMBEDDED
from engine.broker.broker import Broker
from engine.broker.connection import CONNECTED, Connection
from engine.broker.features import Features
from engine.broker.sqlite.commit_file import watch_commits
from engine.broker.sqlite.consumers import EmbeddedConsumers
from engine.broker.sqlite.damage.opening import open_log
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import FileIdentity
from engine.broker.sqlite.log import EmbeddedLog
from engine.broker.sqlite.maintenance import Maintainer
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.tables.topic_table import check_compression
from engine.broker.sqlite.topics import EmbeddedTopics
from engine.broker.sqlite.wakeup import ChangeNotifier
from engine.broker.sqlite.writer import Writer
from engine.broker.topics import MAX_RECORD_BYTES, Compression

LARGEST_RECORD_BYTES = 512 << 20
"""The greatest limit: SQLite keeps a thousand million bytes in a row."""

_LOG = logging.getLogger(__name__)


class EmbeddedBroker(Broker):
    """A `Broker` whose log is a file. Any number of them, in any processes, may open the same folder."""

    features = Features(transactions=True)
    name = EMBEDDED
    topics: EmbeddedTopics
    log: EmbeddedLog
    consumers: EmbeddedConsumers

    def __init__(self, database: Database, max_record_bytes: int, compression: Compression | None) -> None:
        """Use `open`."""
        self._database = database
        self._close_lock = threading.Lock()
        self._closed = False
        with ExitStack() as undo:
            opened = open_log(database)
            connection, self._mark, self.damage = opened.connection, opened.mark, opened.damage
            undo.callback(connection.close)
            undo.callback(self._mark.close)
            with storage_errors(database.folder):
                self._files = FileIdentity(database, connection)
                self._maintainer = Maintainer(database, self._mark)
                undo.callback(self._maintainer.close)
                self._writer = Writer(
                    database, self._files, connection, self._mark, self._committed, compression
                )
            undo.pop_all()
        self._pool = ReadPool(database, self._files)
        self._changes = ChangeNotifier(self._pool.connect, lambda: watch_commits(database.commits))
        self.topics = EmbeddedTopics(self._pool, self._writer, self._mark, self._maintainer)
        self.log = EmbeddedLog(self._pool, self._writer, self._maintainer, self._changes, max_record_bytes)
        self.consumers = EmbeddedConsumers(database, self._pool, self._writer, self.log)
        self.modules = SmartStreamStore(database.folder)
        _LOG.info("opened the log in %s%s", database.folder, "" if database.durable else ", not durable")

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        durable: bool = True,
        max_record_bytes: int = MAX_RECORD_BYTES,
        compression: Compression | None = None,
    ) -> "EmbeddedBroker":
        """Open the log in `folder`, which is created if necessary; `BrokerError` if that is not possible.

        Without `durable`, acknowledged records survive the end of any process but not a power cut, and no
        space is reserved for cleaning up on a full disk. `compression` replaces that of the topics for what
        is appended here.
        """
        if not 1 <= max_record_bytes <= LARGEST_RECORD_BYTES:
            raise ValueError(
                f"max_record_bytes must be from 1 to {LARGEST_RECORD_BYTES}, not {max_record_bytes}"
            )
        if compression is not None:
            check_compression(compression)
        return cls(Database(folder.absolute(), durable), max_record_bytes, compression)

    @property
    def folder(self) -> Path:
        return self._database.folder

    def connection(self) -> Connection:
        return CONNECTED

    def _committed(self) -> None:
        self._changes.notify()
        self._maintainer.committed()

    def close(self) -> None:
        with self._close_lock:
            if self._closed:
                return
            self._closed = True
            self._writer.finish()
            self._maintainer.close()
            self._changes.close()
            self._pool.close()
            self._writer.close()
            self._mark.close()
            _LOG.info("closed the log in %s", self._database.folder)
