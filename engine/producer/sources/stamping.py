"""Records with more than their lines have: the time that a value names, and headers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from engine.fields.path import Path
from engine.producer.sources.record_makers import Made, Maker
from engine.producer.sources.time_arrays import TimesFound, TimeTexts
from engine.records.batch import SCHEMA, Headers, now_ms
from engine.timestamps import TimestampParser


def field_times(path: Path) -> TimeTexts:
    """The field at a path, of values of any format that is recognised in the first ones."""
    from engine.fields.format import Format
    from engine.fields.table import detect

    format: Format | None = None

    def texts(values: Sequence[bytes | None]) -> list[str | None]:
        nonlocal format
        format = format or detect(values)
        found = [(format.fields(value) or {}).get(path) if value else None for value in values]
        return [None if scalar is None else str(scalar) for scalar in found]

    return texts


def matched_times(regex: Any) -> TimeTexts:
    """What a regular expression of RE2 matches: its group `time`, its first group, or all of it."""
    group: str | int = "time" if "time" in regex.groupindex else min(regex.groups, 1)

    def texts(values: Sequence[bytes | None]) -> list[str | None]:
        matches = [regex.search((value or b"").decode(errors="replace")) for value in values]
        return [match and match.group(group) for match in matches]

    return texts


class Stamping:
    """Gives each record the time that its value names; one that names none has that of the one before it."""

    def __init__(self, make: Maker, texts: TimeTexts) -> None:
        self._make = make
        self._texts = texts
        self._parser = TimestampParser(now_ms())
        self._latest: int | None = None
        self.missing = 0
        """Records that name no time."""

    def __call__(self, lines: pa.BinaryArray) -> Made:
        made = self._make(lines)
        if not made.records.num_rows:
            return made
        stamps: list[int] = []
        now = now_ms()
        for text in self._texts(made.records.column("value").to_pylist()):
            found = None if text is None else self._parser.parse(text)
            self.missing += found is None
            self._latest = found if found is not None else self._latest
            stamps.append(now if self._latest is None else self._latest)
        return _with_column(made, "timestamp", pa.array(stamps, pa.int64()))


class ArrayStamping:
    """`Stamping` for many records at once, with times that are found in their lines."""

    def __init__(self, make: Maker, times: TimesFound) -> None:
        self._make = make
        self._times = times
        self._latest: int | None = None

    def __call__(self, lines: pa.BinaryArray) -> Made:
        made = self._make(lines)
        if not made.records.num_rows:
            return made
        found: Any = pc.fill_null_forward(self._times(cast("pa.BinaryArray", made.records.column("value"))))
        stamps = found.fill_null(now_ms() if self._latest is None else self._latest)
        if found[-1].is_valid:
            self._latest = found[-1].as_py()
        return _with_column(made, "timestamp", stamps)


def with_headers(make: Maker, headers: Headers) -> Maker:
    """Records with these headers, after those that they have."""

    def headed(lines: pa.BinaryArray) -> Made:
        made = make(lines)
        column = made.records.column("headers")
        pairs = [[*(own or ()), *headers] for own in column.to_pylist()]
        return _with_column(made, "headers", pa.array(pairs, SCHEMA.field("headers").type))

    return headed


def _with_column(made: Made, name: str, column: "pa.Array[Any]") -> Made:
    columns = [column if field.name == name else made.records.column(field.name) for field in SCHEMA]
    return replace(made, records=pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
