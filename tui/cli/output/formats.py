"""Records as bytes for standard output."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from engine.consumer.delivery import Delivery
from engine.records.verdicts import Verdict
from tui.cli.options.printing import Printing
from tui.cli.output.colour import coloured_json, verdict_colour
from tui.cli.output.csv_lines import CsvLines
from tui.cli.output.json_lines import json_lines, verdict_members
from tui.cli.output.record_fields import RecordFields, times
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS

Format = Callable[[Delivery], bytes | memoryview]
"""Formats the records that a delivery passes, at least one, without a newline after the last."""

_TABLE_HEAD = ("PARTITION", "OFFSET", "TIME", "KEY", "VALUE")


def format_of(printing: Printing, *, marked: bool = False) -> Format:
    """The format that was chosen; `marked` shows each record's verdict, which `raw` cannot."""
    signs = _signs(printing.coloured) if marked else None
    makers: dict[str, Format] = {
        "template": partial(_text_lines, partial(_template_values, printing.parts, RecordFields()), signs),
        "text": partial(_text_lines, _plain_values, signs),
        "json": partial(_json_lines, marked, printing.coloured),
        "csv": CsvLines(printing.columns, marked).lines,
        "raw": lambda delivery: _joined(_plain_values(delivery), b""),
        "table": _Table(marked, printing.coloured).lines,
    }
    return makers[printing.format]


def labelled(verdict: Verdict) -> str:
    """The sign and the word of a verdict."""
    return f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}"


def _signs(coloured: bool) -> pa.Array[Any]:
    """By verdict."""
    ordered = sorted(verdict for verdict in VERDICT_SIGNS if verdict != Verdict.PENDING)
    signs = [(verdict, f"{VERDICT_SIGNS[verdict]} ") for verdict in ordered]
    return pa.array(
        [(verdict_colour(verdict, sign) if coloured else sign).encode() for verdict, sign in signs],
        pa.binary(),
    )


def _text_lines(
    lines: Callable[[Delivery], pa.Array[Any]], signs: pa.Array[Any] | None, delivery: Delivery
) -> memoryview:
    """One line per record, with the sign of its verdict before each if there are `signs`."""
    made = lines(delivery)
    if signs is not None:
        parts: list[Any] = [signs.take(delivery.verdicts), made, pa.scalar(b"", pa.binary())]
        made = pc.binary_join_element_wise(*parts)
    return _joined(made, b"\n")


def _plain_values(delivery: Delivery) -> pa.Array[Any]:
    values = delivery.records.column("value")
    return values.fill_null(b"") if values.null_count else values


def _joined(values: pa.Array[Any], separator: bytes) -> memoryview:
    # 29 ns per value; joining a list of bytes takes 66.
    whole = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    joined = cast("pa.BinaryArray", pc.binary_join(whole, separator))
    return memoryview(joined[0].as_buffer())


def _template_values(parts: tuple[str, ...], fields: RecordFields, delivery: Delivery) -> pa.Array[Any]:
    """One line per record: `parts` are text and names of fields in turn."""
    columns: list[Any] = [
        fields.column(part, delivery) if index % 2 else pa.scalar(part.encode(), pa.binary())
        for index, part in enumerate(parts)
    ]
    separator = pa.scalar(b"", pa.binary())
    joined: pa.Array[Any] = pc.binary_join_element_wise(
        *columns, separator, null_handling="replace", null_replacement="null"
    )
    # Of scalars alone, one comes out.
    return joined if isinstance(joined, pa.Array) else pa.repeat(joined, len(delivery.passed))


def _json_lines(marked: bool, coloured: bool, delivery: Delivery) -> bytes | memoryview:
    """One object per record; `marked` adds its verdict, and the message and location of a fault."""
    lines = json_lines(delivery, verdict_members(delivery) if marked else None)
    return coloured_json(lines) if coloured else lines


_BY_LABEL = {labelled(verdict): verdict for verdict in VERDICT_SIGNS}


class _Table:
    """Rows under a head, in columns that only grow, since what is printed stays."""

    def __init__(self, marked: bool, coloured: bool) -> None:
        self._marked = marked
        self._coloured = coloured
        self._head = ("VERDICT", *_TABLE_HEAD) if marked else _TABLE_HEAD
        self._widths = [len(name) for name in self._head]
        self._begun = False

    def lines(self, delivery: Delivery) -> bytes:
        """One row per record; control characters are escaped."""
        partition = str(delivery.batch.partition)
        rows: list[tuple[str, ...]] = [
            (partition, str(offset), time, _visible(key), _visible(value))
            for offset, time, key, value in zip(
                delivery.offsets.tolist(),
                times(delivery),
                delivery.records.column("key").to_pylist(),
                delivery.records.column("value").to_pylist(),
                strict=True,
            )
        ]
        if self._marked:
            verdicts = map(Verdict, delivery.verdicts.tolist())
            rows = [(labelled(verdict), *row) for verdict, row in zip(verdicts, rows, strict=True)]
        if not self._begun:
            self._begun = True
            rows.insert(0, self._head)
        self._widths = [
            max(width, *map(len, column))
            for width, column in zip(self._widths, zip(*rows, strict=True), strict=True)
        ]
        return "\n".join(map(self._row, rows)).encode()

    def _row(self, row: tuple[str, ...]) -> str:
        padded = [cell.ljust(width) for cell, width in zip(row[:-1], self._widths, strict=False)]
        verdict = _BY_LABEL.get(row[0])
        if self._coloured and verdict is not None:
            padded[0] = verdict_colour(verdict, padded[0])
        return "  ".join([*padded, row[-1]]).rstrip()


def _visible(content: bytes | None) -> str:
    if content is None:
        return "null"
    text = content.decode(errors="backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
