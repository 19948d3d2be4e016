"""Records grouped by a field."""

import numpy as np

from engine.fields.table import named_format
from engine.live.comparison.groups import fields_of, group_rows
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch

JSON = named_format("json")


def window(*values: bytes | None) -> WindowSnapshot:
    made = Window()
    made.append(Batch.consecutive(0, 0, record_batch(values)))
    return made.snapshot()


def test_fields_that_most_records_have_come_first() -> None:
    shown = window(b'{"id": 7, "city": "Oslo"}', b"no json", b'{"city": 1}', None)
    assert fields_of(shown, np.arange(4), JSON) == [("city",), ("id",)]
    assert fields_of(shown, np.array([1, 3]), JSON) == []


def test_largest_group_comes_first() -> None:
    shown = window(b'{"n": 1}', b'{"n": "a"}', b'{"n": 1}', b"no json", b'{"n": 1}')
    groups = group_rows(shown, np.array([0, 1, 2, 3]), JSON, ("n",))
    assert {value: rows.tolist() for value, rows in groups.items()} == {"1": [0, 2], "a": [1], "–": [3]}
    assert next(iter(groups)) == "1"


def test_rows_that_left_the_window_have_no_fields() -> None:
    assert fields_of(window(b'{"n": 1}'), np.array([-5, 0]), JSON) == [("n",)]
