"""Writes records of a window to a file."""

import json
from collections.abc import Iterable
from pathlib import Path

from engine.errors import EngineError
from engine.files import replacing
from engine.live.window.snapshot import WindowSnapshot
from engine.records.record_json import object_of


class SavingError(EngineError):
    """Records could not be written to a file."""


def save_records(path: Path, window: WindowSnapshot, rows: Iterable[int]) -> None:
    """Write the records at `rows` to a file, an object a line, in the place of what is there.

    `SavingError` where that cannot be done; then what was there still is.
    """
    try:
        with replacing(path.resolve()) as file:
            for row in rows:
                record = object_of(window.record(int(row)))
                file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise SavingError(
            f"{path} cannot be written: {error.strerror or error}", "choose another name"
        ) from error
