"""Repairing a log: first a copy of its files, then what is damaged is given up, and the rest stays."""

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.damage.salvage import salvage
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.errors import CorruptLogError, DamagedBatchError, ForeignLogError
from engine.files import create_private

_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a repair did."""

    copy: Path
    """The folder with the files as they were before."""
    notes: Sequence[str]
    """What was found at the opening, a clause each."""
    removed: Sequence[DamagedBatchError]
    """The records that were given up."""


def repair(folder: Path, topic: str | None = None) -> Repair:
    """Repair a log, or one topic of it, so that it is read without an error; `BrokerError`.

    Records that were given up count as lost for readers, and their offsets stay taken. A log that is not the
    one that was written there is accepted.
    """
    database = Database(folder.absolute())
    copy = _keep_copy(database)
    try:
        return _repair(database, copy, topic)
    except CorruptLogError:
        with storage_errors(folder):
            salvage(database, copy, copy / "building")
        return _repair(database, copy, topic)


def _repair(database: Database, copy: Path, topic: str | None) -> Repair:
    notes: list[str] = []
    folder = database.folder
    try:
        broker = EmbeddedBroker.open(folder)
    except ForeignLogError as error:
        notes.append(error.message)
        database.commits.unlink()
        broker = EmbeddedBroker.open(folder)
    else:
        notes += broker.damage
    removed = _given_up(broker, topic)
    if removed:
        # The wrong end of a damaged row can hide that records after it are missing.
        removed += _given_up(EmbeddedBroker.open(folder), topic)
    return Repair(copy=copy, notes=notes, removed=removed)


def _given_up(broker: EmbeddedBroker, topic: str | None) -> list[DamagedBatchError]:
    """Give up what is damaged, and close the broker."""
    with broker:
        names = [found.name for found in broker.topics.list()] if topic is None else [topic]
        removed = [damage for name in names for damage in broker.log.check(name)]
        for damage in removed:
            broker.log.discard(damage)
    return removed


def _keep_copy(database: Database) -> Path:
    # Before this process opens the database: closing another descriptor of it would drop SQLite's locks.
    with database.exclusive():
        prefix = f"log.damaged-{time.strftime('%Y%m%dT%H%M%S')}-"
        copy = Path(tempfile.mkdtemp(prefix=prefix, dir=database.folder))
        for path in (database.path, database.wal, database.commits):
            with suppress(FileNotFoundError), path.open("rb") as source:
                _write(copy / path.name, source)
    return copy


def _write(path: Path, source: BinaryIO) -> None:
    with os.fdopen(create_private(path), "wb") as file:
        shutil.copyfileobj(source, file, _COPY_BYTES)
        file.flush()
        os.fsync(file.fileno())
