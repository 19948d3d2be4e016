"""The text of a row: what its columns show of a record, cut to the room there is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from engine.fields.format import Format
from engine.fields.path import Path
from engine.fields.scalar import Scalar, scalar_text
from engine.records.batch import Batch
from tui import format
from tui.dashboard.present.columns.column import ENDLESS, VALUE, Column, Part, Placed, Tone, placed, spread
from tui.dashboard.present.columns.cut import Cut, fit, fit_middle, pad, slide
from tui.dashboard.present.values.value import Span

SEARCHED_BYTES = 1 << 20
"""Of a value: a match behind them is not brought into view."""
EMPTY, TOMBSTONE, MISSING = "∅ empty", "∅ tombstone", "–"
_CELL_CHARACTERS = 4 << 10
_CACHED_BYTES = 4 << 10
"""Larger values are taken apart again whenever their row is drawn, which is seldom: strips are kept."""
_CACHED_VALUES = 1_024

Highlight = Callable[[str], Sequence[Span] | None]
"""Finds what is searched for in a text; None if it is still to be found."""
Moment = Callable[[int, int], str]
"""Writes the time of a row, in ms since the epoch, in this many cells."""
Toned = tuple[str, Tone | None]
Cells = dict[Path, Toned]
Shown = Callable[[memoryview], memoryview]
"""What a row shows in place of a value."""


class Piece(NamedTuple):
    """A part of a row that looks the same."""

    text: str
    tone: Tone | None = None
    hit: bool = False


_GAP = Piece(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a search wants of a row."""

    highlight: Highlight
    hit: bool
    """Whether the row was found: what was found in it is brought into view."""


@dataclass(slots=True)
class RowText:
    """A row, from left to right."""

    pieces: list[Piece] = field(default_factory=list)
    finished: bool = True
    """Whether the matches in it are found."""
    shows_hit: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def add(self, text: str, tone: Tone | None = None) -> None:
        self.pieces.append(Piece(text, tone))

    def add_cut(self, cut: Cut, cells: int, tone: Tone | None, *, right: bool = False) -> None:
        """Put a cut text at the end, filled up to this many cells."""
        shown = pad(cut.text, cells, right=right)
        if not cut.hits:
            return self.add(shown, tone)
        self.shows_hit = True
        start = len(shown) - len(cut.text) if right else 0
        end = 0
        for first, stop in cut.hits:
            self.add(shown[end : first + start], tone)
            self.pieces.append(Piece(shown[first + start : stop + start], tone, hit=True))
            end = stop + start
        return self.add(shown[end:], tone)


class RowTexts:
    """Writes the rows of all panes that show the same columns: each record is taken apart once."""

    def __init__(self, columns: Sequence[Column] = (VALUE,), format: Format | None = None) -> None:
        """`format` finds the fields of values; without one, no column is a field."""
        self.columns = tuple(columns)
        self.format = format
        self._paths = [column.path for column in columns if column.part is Part.FIELD]
        self._cached = lru_cache(_CACHED_VALUES)(self._cells)
        self._spread = spread(self.columns)
        self._placed = lru_cache(16)(lambda room: placed(self.columns, room))

    @property
    def titled(self) -> bool:
        """Whether there is anything to say about the columns."""
        return self.columns != (VALUE,)

    @property
    def timed(self) -> bool:
        """Whether the times of records are shown."""
        return any(column.part is Part.TIME for column in self.columns)

    def shown(self, value: memoryview) -> memoryview:
        """What stands for a value: decoded, if the format decodes."""
        if self.format is None or not self.format.decodes or not value:
            return value
        return memoryview(self.format.shown(bytes(value)))

    def widths(self, room: int) -> Mapping[Column, int]:
        """How many cells the columns have that are in view."""
        return {one.column: one.cells for one in self._placed(room)}

    def titles(self, room: int, scroll: int = 0) -> str:
        """The line above the rows."""
        row = RowText()
        for one in self._places(room, scroll):
            self._add(row, one, fit(one.column.title, one.cells), None)
        return _slid(row, scroll, room).text if scroll else row.text

    def row(
        self,
        batch: Batch,
        index: int,
        room: int,
        *,
        scroll: int = 0,
        sought: Sought | None = None,
        moment: Moment = format.clock,
    ) -> RowText:
        """A record in this many cells, moved to the left by `scroll`."""
        writer = _Writer(batch, index, sought, moment, self.shown)
        cells = room + scroll
        found = self._fields_of(writer)
        places = self._places(room, scroll)
        for one in places:
            if one.column.part is Part.VALUE or (one.column.part is Part.FIELD and found is None):
                if writer.row.pieces:
                    writer.row.add(" ")
                writer.add_value(cells - one.start)
                break
            text, tone = writer.cell(one.column, found or {}, one.cells)
            if sought is None and len(text) <= one.cells and text.isascii():
                # As below, in a third of the time.
                fill = len(text) if one.cells == ENDLESS else one.cells
                shown = text.rjust(fill) if one.column.right else text.ljust(fill)
                writer.row.pieces += [_GAP, Piece(shown, tone)] if writer.row.pieces else [Piece(shown, tone)]
                continue
            cut = None
            if one is places[-1]:
                cut = writer.elsewhere(text, one.cells)
            if cut is None:
                cut = writer.fit(text, one.cells, middle=one.column.middle)
            self._add(writer.row, one, cut, tone)
        return _slid(writer.row, scroll, room) if scroll else writer.row

    def width(self, batch: Batch, index: int) -> int:
        """About how many cells a row needs to be seen whole."""
        writer = _Writer(batch, index, None, format.clock, self.shown)
        last = self._spread[-1]
        found = self._fields_of(writer)
        if last.column.part is Part.VALUE or (self._paths and found is None):
            return last.start + len(writer.shown)
        if not last.column.flexible:
            return last.start + last.cells
        return last.start + format.widest(writer.cell(last.column, found or {}, last.cells)[0])

    def _places(self, room: int, scroll: int) -> Sequence[Placed]:
        """Where columns are: all of them, once they are scrolled to."""
        return self._spread if scroll else self._placed(room)

    def _add(self, row: RowText, place: Placed, cut: Cut, tone: Tone | None) -> None:
        if row.pieces:
            row.add(" ")
        cells = min(place.cells, cell_len(cut.text)) if place.cells == ENDLESS else place.cells
        row.add_cut(cut, cells, tone, right=place.column.right)

    def _fields_of(self, writer: "_Writer") -> Cells | None:
        """The fields that columns show; None if the value is not of the format, or none is shown."""
        if not self._paths or self.format is None or writer.buffer is None:
            return None
        value = bytes(writer.buffer)
        return self._cached(value) if len(value) <= _CACHED_BYTES else self._cells(value)

    def _cells(self, value: bytes) -> Cells | None:
        assert self.format is not None
        fields = self.format.fields(value)
        if fields is None:
            return None
        return {path: _toned(fields[path]) for path in self._paths if path in fields}


class _Writer:
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


def _toned(scalar: Scalar) -> Toned:
    if type(scalar) is str:
        text = format.harmless(scalar[:_CELL_CHARACTERS].replace("\n", "⏎"))
        return (text, None) if text else ('""', Tone.QUIET)
    return scalar_text(scalar), Tone.QUIET if scalar is None else Tone.NUMBER


def _slid(row: RowText, scroll: int, room: int) -> RowText:
    """A row from a cell on."""
    blank, first, last = slide(row.text, scroll, room)
    slid = RowText(finished=row.finished, shows_hit=row.shows_hit)
    slid.add(blank)
    slid.pieces += _between(row.pieces, first, last)
    return slid


def _between(pieces: Sequence[Piece], first: int, last: int) -> Iterator[Piece]:
    start = 0
    for piece in pieces:
        text = piece.text[max(first - start, 0) : max(last - start, 0)]
        if text:
            yield Piece(text, piece.tone, piece.hit)
        start += len(piece.text)
