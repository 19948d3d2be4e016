"""What the compiler and the newest fault say about the lines of a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.records.faults import Location
from tui import format
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """About one line."""

    sign: str
    message: str
    """One line, harmless on a terminal."""
    column: int
    """From 1."""
    error: bool
    """Whether the build fails or a record failed because of it; otherwise it is a warning."""


def source_notes(consumer: ConsumerSnapshot, path: Path) -> Mapping[int, Note]:
    """The worst note about each line of a file, by line from 1, the most important line first."""
    notes: dict[int, Note] = {}
    diagnostics = () if consumer.build is None else consumer.build.diagnostics
    for diagnostic in sorted(diagnostics, key=lambda one: not one.is_error):
        code = f"[{diagnostic.code}]" if diagnostic.code else ""
        message = f"{diagnostic.level}{code}: {diagnostic.message}"
        _add(notes, path, diagnostic.location, "✗" if diagnostic.is_error else "⚠", message)
    fault = None if consumer.last_fault is None else consumer.faults.get(consumer.last_fault)
    if fault is not None:
        message = f"{VERDICT_WORDS[fault.verdict]}: {fault.message}"
        _add(notes, path, fault.location, VERDICT_SIGNS[fault.verdict], message)
    return notes


def _add(notes: dict[int, Note], path: Path, location: Location | None, sign: str, message: str) -> None:
    if location is not None and Path(location.path).absolute() == path.absolute():
        line = " ".join(format.harmless_lines(message).split())
        note = Note(sign=sign, message=line, column=location.column, error=sign != "⚠")
        notes.setdefault(location.line, note)


def line_to_fix(consumer: ConsumerSnapshot, path: Path) -> int | None:
    """The line that an editor is opened at, from 1: that of the first error, else of the newest fault."""
    return next((line for line, note in source_notes(consumer, path).items() if note.error), None)
