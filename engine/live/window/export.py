"""Writes records of a window to a file."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from engine.errors import EngineError
from engine.live.window.window import WindowSnapshot
from engine.records.record_json import object_of


class SavingError(EngineError):
    """Records could not be written to a file."""


def save_records(path: Path, window: WindowSnapshot, rows: Sequence[int]) -> None:
    """Write the records at `rows` to a file, an object a line, in the place of what is there.

    `SavingError` where that cannot be done; then what was there still is.
    """
    target = path.resolve()
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}")
    try:
        with part.open("x", encoding="utf-8") as written:
            try:
                for row in rows:
                    json.dump(object_of(window.record(int(row))), written, ensure_ascii=False)
                    written.write("\n")
                written.close()
                part.replace(target)
            except BaseException:
                part.unlink()
                raise
    except OSError as error:
        raise SavingError(
            f"{path} cannot be written: {error.strerror or error}", "choose another name"
        ) from error
