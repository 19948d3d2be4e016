"""Records grouped by the value of a field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from engine.errors import BrokerError
from engine.fields.format import Format
from engine.fields.path import Path
from engine.live.window.matcher import Rows
from engine.live.window.snapshot import NotLoadedError, WindowSnapshot

MOST_RECORDS = 20_000
"""Grouped at most: the newest."""
SAMPLE = 200
MISSING = "–"

Groups: TypeAlias = Mapping[str, Rows]
"""The rows that have a value, the largest group first."""


def fields_of(window: WindowSnapshot, rows: Rows, format: Format) -> Sequence[Path]:
    """The fields of some records, those that most of the newest have first."""
    found: Counter[Path] = Counter()
    for row in rows[-SAMPLE:]:
        # The names alone: a counter takes the values of a mapping for counts.
        found.update(tuple(_fields(window, int(row), format)))
    return [path for path, _ in found.most_common()]


def group_rows(window: WindowSnapshot, rows: Rows, format: Format, field: Path) -> Groups:
    """Some records by a field. Takes 5 µs and more for each."""
    groups: dict[str, list[int]] = {}
    for row in rows[-MOST_RECORDS:]:
        fields = _fields(window, int(row), format)
        value = str(fields[field]) if field in fields else MISSING
        groups.setdefault(value, []).append(int(row))
    largest = sorted(groups.items(), key=lambda group: len(group[1]), reverse=True)
    return {value: np.array(found, np.intp) for value, found in largest}


def _fields(window: WindowSnapshot, row: int, format: Format) -> Mapping[Path, object]:
    try:
        value = window.record(row).value
    except (IndexError, NotLoadedError, BrokerError):
        return {}
    return (None if value is None else format.fields(value)) or {}
