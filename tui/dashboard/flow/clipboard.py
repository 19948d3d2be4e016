"""Copying a record's value to the terminal's clipboard."""

from textual.app import App

from engine import units
from engine.fields.format import Format
from engine.records.batch import Record
from tui import format

MOST_BYTES = 64 << 10
"""Terminals refuse more, and some truncate it silently."""


def copy_value(app: App[None], record: Record, values: Format) -> None:
    """Copy the value as its format shows it, and notify of it or of why not."""
    text = format.decode(values.shown(record.value or b""))
    copy_text(app, text, f"value at offset {units.count(record.offset)}")


def copy_text(app: App[None], text: str, what: str) -> None:
    """Copy a text, and notify of it or of why not."""
    size = len(text.encode(errors="replace"))
    if size > MOST_BYTES:
        app.notify(
            f"{units.size(size)} is too large for the terminal's clipboard", severity="error", markup=False
        )
        return
    app.copy_to_clipboard(text)
    app.notify(f"copied the {what}", markup=False)
