"""Writes records to a file."""

import json
from collections.abc import Iterable
from pathlib import Path

from engine.errors import EngineError
from engine.fields.format import Format
from engine.fields.table import TEXT
from engine.files import replacing
from engine.records.batch import Record
from engine.records.record_json import DECODED, object_of


class SavingError(EngineError):
    """Records could not be written to a file."""


def save_records(path: Path, records: Iterable[Record], format: Format = TEXT) -> int:
    """See `Workbench.save`; `format` is that of the values."""
    count = 0
    try:
        with replacing(path.resolve()) as file:
            for record in records:
                found = {**object_of(record), **_decoded(record, format)}
                file.write(json.dumps(found, ensure_ascii=False).encode() + b"\n")
                count += 1
    except OSError as error:
        raise SavingError(
            f"{path} cannot be written: {error.strerror or error}", "choose another name"
        ) from error
    return count


def _decoded(record: Record, format: Format) -> dict[str, object]:
    """What a value is decoded to, beside the value itself, from which the record can be produced again."""
    text = None if record.value is None else format.decoded(record.value)
    if text is None:
        return {}
    try:
        found = json.loads(text)
        # What a JSON schema names need not be JSON, nor have a form in UTF-8.
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return {}
    return {DECODED: found}
