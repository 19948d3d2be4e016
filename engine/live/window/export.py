"""Writes records to a file."""

import json
from collections.abc import Iterable
from pathlib import Path

from engine.errors import EngineError
from engine.files import replacing
from engine.records.batch import Record
from engine.records.record_json import object_of


class SavingError(EngineError):
    """Records could not be written to a file."""


def save_records(path: Path, records: Iterable[Record]) -> int:
    """See `Workbench.save`."""
    count = 0
    try:
        with replacing(path.resolve()) as file:
            for record in records:
                file.write(json.dumps(object_of(record), ensure_ascii=False).encode() + b"\n")
                count += 1
    except OSError as error:
        raise SavingError(
            f"{path} cannot be written: {error.strerror or error}", "choose another name"
        ) from error
    return count
