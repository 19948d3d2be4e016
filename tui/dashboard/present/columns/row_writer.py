"""What the columns of one row show of its record, and where a search found something in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.fields.path import Path
from engine.fields.scalar import Scalar, scalar_text
from engine.records.batch import Batch
from tui import format
from tui.dashboard.present.columns.column import Column, Part, Tone
from tui.dashboard.present.columns.cut import Cut, fit, fit_middle
from tui.dashboard.present.columns.row_pieces import RowText
from tui.dashboard.present.values.value import Span

SEARCHED_BYTES = 1 << 20
"""Of a value: a match after them is not brought into view."""
EMPTY, TOMBSTONE, MISSING = "∅ empty", "∅ tombstone", "–"
_CELL_CHARACTERS = 4 << 10

Highlight = Callable[[str], Sequence[Span] | None]
"""Finds what is searched for in a text; None if it is still to be found."""
Moment = Callable[[int, int], str]
"""Writes the time of a row, in ms since the epoch, in this many cells."""
Toned = tuple[str, Tone | None]
Cells = dict[Path, Toned]
Shown = Callable[[memoryview], memoryview]
"""What a row shows in place of a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a search wants of a row."""

    highlight: Highlight
    hit: bool
    """Whether the row was found: what was found in it is brought into view."""


class RowWriter:
    """Writes one row."""

    def __init__(self, batch: Batch, index: int, sought: Sought | None, moment: Moment, shown: Shown) -> None:
        self.row = RowText()
        self._batch = batch
        self._index = index
        self._sought = sought
        self._moment = moment
        self._shown = shown
        buffer = batch.records.column("value")[index].as_buffer()
        self.buffer = None if buffer is None else memoryview(buffer)

    @cached_property
    def shown(self) -> memoryview:
        """What stands for the value; empty for a tombstone."""
        return self._shown(self.buffer or memoryview(b""))

    def cell(self, column: Column, found: Cells, cells: int) -> Toned:
        """What a column of this many cells shows, as a text that is not cut yet."""
        match column.part:
            case Part.KEY:
                key = self._key()
                return (MISSING, Tone.QUIET) if key is None else (key, Tone.KEY)
            case Part.PARTITION:
                return str(self._batch.partition), Tone.QUIET
            case Part.TIME:
                return self._moment(self._batch.timestamp(self._index), cells), Tone.TIME
        text, tone = found.get(column.path, (MISSING, Tone.QUIET))
        if column.tone is Tone.TIME and len(text) > cells:
            text = format.time_in(text, cells)
        return text, tone or column.tone

    def fit(self, text: str, cells: int, *, middle: bool = False) -> Cut:
        spans = self._spans(text)
        return fit_middle(text, cells) if middle and not spans else fit(text, cells, spans)

    def add_value(self, cells: int) -> None:
        """The value as text in the rest of the row."""
        if not self.buffer:
            missing = TOMBSTONE if self.buffer is None else EMPTY
            return self.row.add_cut(fit(missing, cells), cells, Tone.QUIET)
        text = self._value(SEARCHED_BYTES if self._hit else cells)
        cut = self.fit(text, cells)
        if self._hit and not cut.hits and not self.row.shows_hit:
            cut = self._in_key(cells) or cut
        return self.row.add_cut(cut, cells, None)

    def elsewhere(self, text: str, cells: int) -> Cut | None:
        """What was found where no column shows it, for the last column, which would show `text`."""
        if not self._hit or self.row.shows_hit or self._spans(text):
            return None
        whole = self._value(SEARCHED_BYTES)
        spans = self._spans(whole)
        return fit(whole, cells, spans) if spans else self._in_key(cells)

    @property
    def _hit(self) -> bool:
        return self._sought is not None and self._sought.hit

    def _in_key(self, cells: int) -> Cut | None:
        text = f"key {self._key() or ''}"
        spans = self._spans(text)
        return fit(text, cells, spans) if spans else None

    def _spans(self, text: str) -> Sequence[Span]:
        if self._sought is None:
            return ()
        found = self._sought.highlight(text)
        self.row.finished = self.row.finished and found is not None
        return found or ()

    def _key(self) -> str | None:
        key: bytes | None = self._batch.records.column("key")[self._index].as_py()
        return None if key is None else format.harmless(format.decode(key[:_CELL_CHARACTERS]))

    def _value(self, cells: int) -> str:
        return format.text_line(self.shown, cells)


def toned(scalar: Scalar) -> Toned:
    """A field, as its column shows it."""
    if type(scalar) is str:
        text = format.harmless(scalar[:_CELL_CHARACTERS].replace("\n", "⏎"))
        return (text, None) if text else ('""', Tone.QUIET)
    return scalar_text(scalar), Tone.QUIET if scalar is None else Tone.NUMBER
