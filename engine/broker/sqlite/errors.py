"""Errors of SQLite and of the operating system, as errors of the broker."""

import errno
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BrokerError, CorruptLogError, DataFolderError, NoRoomError

LOG_FILE = "log.db"
_SMALLEST_ROOM = 64 << 10
"""Bytes: with fewer free, any failure to create, write or extend a file is a full disk."""
_PERMISSIONS = "check the permissions of the folder and of the files in it"
_ADVICE: dict[int, tuple[type[BrokerError], str, str]] = {
    sqlite3.SQLITE_FULL: (
        NoRoomError,
        "no room is left on the disk for the log in {folder}",
        "free some space and try again: every acknowledged record is safe",
    ),
    sqlite3.SQLITE_BUSY: (
        BrokerError,
        "another program keeps the log in {folder} locked",
        "close programs that hold the file log.db open, such as an SQLite shell, and try again",
    ),
    sqlite3.SQLITE_READONLY: (DataFolderError, "cannot write the log in {folder}: {error}", _PERMISSIONS),
    sqlite3.SQLITE_PERM: (DataFolderError, "cannot open the log in {folder}: {error}", _PERMISSIONS),
    sqlite3.SQLITE_CANTOPEN: (DataFolderError, "cannot open the log in {folder}: {error}", _PERMISSIONS),
    sqlite3.SQLITE_NOTADB: (DataFolderError, "the file log.db in {folder} is not a log of fluvio-tui", ""),
    sqlite3.SQLITE_CORRUPT: (
        CorruptLogError,
        "the log in {folder} is damaged: {error}",
        "restore the folder from a copy",
    ),
    sqlite3.SQLITE_IOERR: (
        BrokerError,
        "the disk failed to read or write the log in {folder}: {error}",
        "check the disk and the system's log",
    ),
}

_WRONG_TYPE = TypeError, ValueError, OverflowError, AttributeError, struct.error


def _advised(advice: tuple[type[BrokerError], str, str], folder: Path, error: Exception) -> BrokerError:
    kind, message, remedy = advice
    return kind(message.format(folder=folder, error=error), remedy)


def folder_error(folder: Path, error: OSError) -> BrokerError:
    """The error if the operating system refuses the data folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _advised(_ADVICE[sqlite3.SQLITE_FULL], folder, error)
    if error.errno == errno.ELOOP and error.filename:
        return DataFolderError(f"{error.filename} is a link, which is not followed", "remove the link")
    if isinstance(error, FileExistsError | NotADirectoryError):
        return DataFolderError(f"{folder} cannot be the data folder: it is a file, or below one")
    return DataFolderError(
        f"{folder} cannot be the data folder: {error.strerror or error}", "check its permissions"
    )


def removed_error(folder: Path) -> BrokerError:
    """The error for files that were removed or replaced."""
    return BrokerError(
        f"the log in {folder} was removed or replaced while it was in use",
        "start again, and produce records again that were not acknowledged",
    )


def is_no_room(error: sqlite3.Error, folder: Path) -> bool:
    """Whether SQLite failed because the disk is full, which it reports in several ways."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE:
        return True
    if code & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return False
    try:
        return shutil.disk_usage(folder).free < _SMALLEST_ROOM
    except OSError:
        return False


def _is_removed(code: int, folder: Path) -> bool:
    """Whether SQLite failed because the log is gone, which it takes for a broken disk or a read-only one."""
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return True
    return code & 0xFF == sqlite3.SQLITE_IOERR and not (folder / LOG_FILE).exists()


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the operating system inside the block into `BrokerError`.

    In a damaged database any column may hold anything: what cannot be used is damage, too.
    """
    try:
        yield
    except sqlite3.Error as error:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        if code is None:  # raised by Python's module, not by SQLite: a bug of this program
            raise
        if is_no_room(error, folder):
            code = sqlite3.SQLITE_FULL
        if _is_removed(code, folder):
            raise removed_error(folder) from error
        otherwise = (BrokerError, "the log in {folder} failed: {error}", "")
        raise _advised(_ADVICE.get(code & 0xFF, otherwise), folder, error) from error
    except _WRONG_TYPE as error:
        raise _advised(_ADVICE[sqlite3.SQLITE_CORRUPT], folder, error) from error
    except OSError as error:
        raise folder_error(folder, error) from error
