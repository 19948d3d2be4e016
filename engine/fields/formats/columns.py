"""CSV and TSV: one row per value, with the names of a header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from engine.fields.format import MOST_FIELDS, Format, text_of
from engine.fields.scalar import Fields, read_scalar

DELIMITERS = {"csv": ",", "tsv": "\t"}
_NAME = re.compile(r"[^\W\d][\w .#/()-]{0,39}")
_CLEAR = 0.9
"""How many rows have as many cells as the others, if they are rows."""


class Columns(Format):
    """Rows with as many cells as the header. A row that repeats the header is none."""

    def __init__(self, kind: str, header: Sequence[str] = ()) -> None:
        """`kind` is a key of `DELIMITERS`. Without a header, rows of any length have the columns c1, c2, …"""
        self._delimiter = DELIMITERS[kind]
        self._header = tuple(header)
        self.name = f"{kind}:{_joined(header)}" if header else kind

    def fields(self, value: bytes) -> Fields | None:
        cells = _cells(value, self._delimiter)
        if len(cells) < 2 or tuple(cells) == self._header:
            return None
        header = self._header or numbered(len(cells))
        if len(header) != len(cells):
            return None
        return {(name,): read_scalar(cell) for name, cell in zip(header, cells, strict=True)}


def with_header(kind: str, first: bytes | None) -> Columns:
    """Rows whose header is a topic's first value, if that looks like one."""
    cells = _cells(first or b"", DELIMITERS[kind])
    return Columns(kind, cells if _is_header(cells) else ())


def named_columns(kind: str, names: str) -> Columns:
    """Rows with some names, separated by commas."""
    return Columns(kind, [name.strip() for name in _cells(names.encode(), ",")])


def guessed(kind: str, sample: Sequence[bytes], first: bytes | None) -> Columns | None:
    """What rows some values are, if they are; `first` is the topic's first value, which may be a header."""
    rows = [_cells(value, DELIMITERS[kind]) for value in sample]
    cells, count = Counter(map(len, rows)).most_common(1)[0]
    header = _cells(first or b"", DELIMITERS[kind])
    if cells < 2 or count < _CLEAR * len(rows) or (kind == "csv" and _is_prose(rows)):
        return None
    if len(header) == cells and _is_header(header):
        return Columns(kind, header)
    # A comma or two is in many a sentence.
    return Columns(kind, numbered(cells)) if cells > 2 or kind == "tsv" else None


def numbered(cells: int) -> list[str]:
    """The names of columns without a header."""
    return [f"c{number}" for number in range(1, cells + 1)]


def _is_header(cells: Sequence[str]) -> bool:
    named = all(_NAME.fullmatch(cell) for cell in cells)
    return len(cells) > 1 and named and len(set(cells)) == len(cells)


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most commas are followed by a space, or belong to JSON, if broken."""
    if 2 * sum(row[0].lstrip().startswith(("{", "[")) for row in rows if row) > len(rows):
        return True
    later = [cell for row in rows for cell in row[1:]]
    return 2 * sum(cell.startswith(" ") for cell in later) > len(later)


def _cells(value: bytes, delimiter: str) -> list[str]:
    text = text_of(value)
    if text is None or delimiter not in text:
        return []
    try:
        cells = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []
    return cells if len(cells) <= MOST_FIELDS else []


def _joined(header: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(header)
    return written.getvalue()
