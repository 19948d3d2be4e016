"""The text of rows: what columns show of records, cut to the room there is."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from rich.cells import cell_len

from engine.fields.format import Format
from engine.records.batch import Batch
from tui import format
from tui.dashboard.present.columns.column import ENDLESS, VALUE, Column, Part, Placed, Tone, placed, spread
from tui.dashboard.present.columns.cut import Cut, fit
from tui.dashboard.present.columns.row_pieces import Piece, RowText, slid
from tui.dashboard.present.columns.row_writer import Cells, Moment, RowWriter, Sought, toned

_CACHED_BYTES = 4 << 10
"""Larger values are taken apart again whenever their row is drawn, which is rare: strips are kept."""
_CACHED_VALUES = 1_024

_GAP = Piece(" ")


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
        return slid(row, scroll, room).text if scroll else row.text

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
        writer = RowWriter(batch, index, sought, moment, self.shown)
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
        return slid(writer.row, scroll, room) if scroll else writer.row

    def width(self, batch: Batch, index: int) -> int:
        """About how many cells a row needs to be seen whole."""
        writer = RowWriter(batch, index, None, format.clock, self.shown)
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

    def _fields_of(self, writer: RowWriter) -> Cells | None:
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
        return {path: toned(fields[path]) for path in self._paths if path in fields}
