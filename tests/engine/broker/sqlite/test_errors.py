"""Errors of SQLite, as the broker words them."""

import sqlite3
from pathlib import Path

import pytest

from engine.broker.sqlite.errors import LOG_FILE, storage_errors
from engine.errors import BrokerError

REMOVED = "was removed or replaced while it was in use"


def words(code: int, folder: Path) -> str:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    with pytest.raises(BrokerError) as raised, storage_errors(folder):
        raise error
    return raised.value.message


def test_a_log_that_is_gone_is_no_broken_disk(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).touch()
    assert "the disk failed to read or write the log" in words(sqlite3.SQLITE_IOERR_READ, tmp_path)
    (tmp_path / LOG_FILE).unlink()
    assert REMOVED in words(sqlite3.SQLITE_IOERR_READ, tmp_path)
    assert REMOVED in words(sqlite3.SQLITE_IOERR_FSTAT, tmp_path / "no-such-folder")


def test_a_log_that_was_moved_needs_no_permissions(tmp_path: Path) -> None:
    assert REMOVED in words(sqlite3.SQLITE_READONLY_DBMOVED, tmp_path)
    assert "cannot write the log" in words(sqlite3.SQLITE_READONLY, tmp_path)
