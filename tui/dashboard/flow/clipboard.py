"""Copying a record's value to the terminal's clipboard."""

from textual.app import App

from engine import units
from engine.records.batch import Record
from tui import format

MOST_BYTES = 64 << 10
"""Terminals refuse more, and some truncate it silently."""


def copy_value(app: App[None], record: Record) -> None:
    """Copy the value, and notify of it or of why not."""
    value = record.value or b""
    if len(value) > MOST_BYTES:
        size = units.size(len(value))
        app.notify(f"{size} is too large for the terminal's clipboard", severity="error", markup=False)
        return
    app.copy_to_clipboard(format.decode(value))
    app.notify(f"copied the value at offset {units.count(record.offset)}", markup=False)
