"""What SQLite and the operating system report, as errors for a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BrokerError, NoRoomError

OTHER_FOLDER = "choose another folder with --data DIR"

_PERMISSIONS = f"check the permissions of the folder and of the files in it, or {OTHER_FOLDER}"
_ADVICE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "no room is left on the disk for the log in {folder}",
        "free some space and try again: every acknowledged record is safe",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program keeps the log in {folder} locked",
        "close programs that hold the file log.db open, such as an SQLite shell, and try again",
    ),
    sqlite3.SQLITE_READONLY: ("the log in {folder} cannot be written: {error}", _PERMISSIONS),
    sqlite3.SQLITE_PERM: ("the log in {folder} cannot be opened: {error}", _PERMISSIONS),
    sqlite3.SQLITE_CANTOPEN: ("the log in {folder} cannot be opened: {error}", _PERMISSIONS),
    sqlite3.SQLITE_NOTADB: ("the file log.db in {folder} is not a log of fluvio-tui", OTHER_FOLDER),
    sqlite3.SQLITE_CORRUPT: (
        "the log in {folder} is damaged: {error}",
        "restore the folder from a copy, or save what is readable with SQLite's .recover command",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed to read or write the log in {folder}: {error}",
        "check the disk and the system's log",
    ),
}


def folder_error(folder: Path, error: OSError) -> BrokerError:
    """The error for a data folder that the operating system does not let us use."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return BrokerError(
            f"{folder} cannot be the data folder: it is a file, or lies below one", OTHER_FOLDER
        )
    return BrokerError(
        f"{folder} cannot be the data folder: {error.strerror or error}",
        f"check its permissions, or {OTHER_FOLDER}",
    )


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the operating system inside the block into `BrokerError`."""
    try:
        yield
    except sqlite3.Error as error:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        if code is None:  # raised by Python's module, not by SQLite: a mistake of ours
            raise
        message, remedy = _ADVICE.get(code & 0xFF, ("the log in {folder} failed: {error}", ""))
        kind = NoRoomError if code & 0xFF == sqlite3.SQLITE_FULL else BrokerError
        raise kind(message.format(folder=folder, error=error), remedy) from error
    except OSError as error:
        raise folder_error(folder, error) from error
