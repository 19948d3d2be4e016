"""Records as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pyarrow as pa

from engine.consumer.delivery import Delivery
from engine.records.verdicts import Verdict
from tui.cli.output.record_fields import RecordFields
from tui.dashboard.present.signs import VERDICT_WORDS


class CsvLines:
    """Rows under a head, quoted where necessary; bytes that are not UTF-8 are escaped."""

    def __init__(self, columns: Sequence[str], marked: bool) -> None:
        self._columns = columns
        self._fields = RecordFields()
        self._marked = marked
        self._begun = False

    def lines(self, delivery: Delivery) -> bytes:
        """One row per record, and before the first one the head."""
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        if not self._begun:
            self._begun = True
            writer.writerow([*(("verdict",) if self._marked else ()), *self._columns])
        columns = [self._cells(name, delivery) for name in self._columns]
        if self._marked:
            columns.insert(0, [VERDICT_WORDS[Verdict(verdict)] for verdict in delivery.verdicts.tolist()])
        writer.writerows(zip(*columns, strict=True))
        return written.getvalue().removesuffix("\n").encode()

    def _cells(self, name: str, delivery: Delivery) -> list[str]:
        column = self._fields.column(name, delivery)
        if isinstance(column, pa.Scalar):
            return [_text(column.as_py())] * len(delivery.passed)
        return [_text(content) for content in column.to_pylist()]


def _text(content: bytes | None) -> str:
    return "" if content is None else content.decode(errors="backslashreplace")
