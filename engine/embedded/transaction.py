"""Transactions that write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from engine.embedded.lock import FileLock


@contextmanager
def writing(connection: sqlite3.Connection, lock: FileLock) -> Iterator[None]:
    """A transaction that writes from the start, with the write lock held; undone where the block raises."""
    with lock:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
