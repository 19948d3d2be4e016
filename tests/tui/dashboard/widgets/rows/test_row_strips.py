"""How one row is drawn."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.errors import BrokerError
from engine.live.row_source import ReadsRows, Rows, RowSource, WindowRows, every_row
from engine.live.window.matcher import TextMatcher
from engine.live.window.search import Search
from engine.live.window.snapshot import NotLoadedError, WindowSnapshot
from engine.records.batch import Batch, Record
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.waiting import wait_for
from tui.dashboard.present.columns.column import VALUE
from tui.dashboard.present.columns.guess import time_column
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.times import Times, TimeStyle
from tui.dashboard.widgets.rows.row_strips import RowStrips
from tui.dashboard.widgets.rows.row_styles import RowStyles

STYLES = RowStyles(
    text=Style(),
    offset=Style(dim=True),
    hint=Style(italic=True),
    cursor=Style(bgcolor="blue"),
    error=Style(),
    trap=Style(),
    hit=Style(bold=True),
    number=Style(),
    time=Style(),
    key=Style(),
    filters=(Style(),),
)
LEAD = (Segment("● "),)


@pytest.fixture
def window() -> WindowSnapshot:
    workbench = ScriptedWorkbench(first_offset=98)
    workbench.produce(b"pear", b"apple", b"plum")
    return workbench.window.snapshot()


class ReadBack(RowSource):
    """One row that is read from the log."""

    def __init__(self, window: WindowSnapshot, problem: Exception | None) -> None:
        self._window = window
        self._problem = problem

    @property
    def rows(self) -> Rows:
        return np.array([0])

    def locate(self, index: int) -> tuple[Batch, int]:
        if self._problem is not None:
            raise self._problem
        return self._window.locate(index)

    def records(self, read: ReadsRows) -> Iterator[Record]:
        yield from read(self._window, [0])


class Made(ReadBack):
    """Two records that were made of one, with that beside them."""

    def several(self, index: int) -> int:  # noqa: ARG002
        return 2

    def beside(self, index: int) -> tuple[Batch, int]:
        return self._window.locate(index + 1)


def text(strips: RowStrips, source: RowSource, index: int = 0, *, under_cursor: bool = False) -> str:
    strip = strips.row(source, index, 25, LEAD, STYLES, under_cursor=under_cursor)
    assert strip.cell_length == 25
    return strip.text.rstrip()


def test_a_row_is_its_lead_its_offset_and_its_value(window: WindowSnapshot) -> None:
    strips = RowStrips(window)
    assert [text(strips, every_row(window), index) for index in range(3)] == [
        "●  98 pear",
        "●  99 apple",
        "● 100 plum",
    ]


def test_a_row_says_loading_until_it_is_read(window: WindowSnapshot) -> None:
    strips = RowStrips(window)
    assert text(strips, ReadBack(window, NotLoadedError()), under_cursor=True) == "loading"
    assert text(strips, ReadBack(window, None), under_cursor=True) == "●  98 pear"


def test_an_output_stands_behind_its_input(window: WindowSnapshot) -> None:
    made = Made(window, None)
    strip = RowStrips(window).row(made, 0, 35, LEAD, STYLES)
    assert strip.text.rstrip() == "●  98 apple       → ×2 pear"


def test_texts_of_one_style_are_one(window: WindowSnapshot) -> None:
    lead = (Segment("● ", STYLES.text), Segment("", STYLES.hint), Segment("x ", STYLES.text))
    strip = RowStrips(window).row(every_row(window), 0, 25, lead, STYLES)
    assert [segment.text for segment in strip] == ["● x ", " 98 ", f"{'pear':17}"]


def test_a_row_without_room_is_cut_off(window: WindowSnapshot) -> None:
    strip = RowStrips(window).row(every_row(window), 0, 4, LEAD, STYLES)
    assert (strip.text, strip.cell_length) == ("●  9", 4)


def test_a_lost_row_says_why(window: WindowSnapshot) -> None:
    lost = ReadBack(window, BrokerError("record 98 is gone for good"))
    assert text(RowStrips(window), lost) == "record 98 is gone for g…"


def test_the_cursor_leaves_matches_their_colours(window: WindowSnapshot) -> None:
    strips = RowStrips(window)

    def draw() -> Strip:
        strips.lacks_hits = False
        return strips.row(every_row(window), 1, 24, LEAD, STYLES, under_cursor=True)

    with closing(Search(TextMatcher("app"))) as strips.search:
        strip = wait_for(draw, lambda _: not strips.lacks_hits)
    (hit,) = (segment for segment in strip if segment.style == STYLES.hit)
    assert hit.text == "app"
    assert all(segment is hit or segment.style.bgcolor == STYLES.cursor.bgcolor for segment in strip)


def test_differences_are_to_the_row_that_is_above_now(window: WindowSnapshot) -> None:
    strips = RowStrips(window)
    strips.texts, strips.times = RowTexts((time_column(), VALUE)), Times(TimeStyle.STEP)

    def plum(*rows: int) -> str:
        source = WindowRows(window, np.array(rows))
        return strips.row(source, len(rows) - 1, 30, LEAD, STYLES).text.rstrip()

    assert plum(2) == "● 100              plum"
    assert plum(1, 2) == "● 100  +0.037s     plum"
    assert plum(0, 2) == "● 100  +0.074s     plum"


def test_ages_grow_and_the_same_age_keeps_its_row(window: WindowSnapshot) -> None:
    strips = RowStrips(window)
    strips.texts = RowTexts((time_column(), VALUE))
    written = window.record(0).timestamp // 1_000 + 1

    def pear(now: int) -> Strip:
        strips.times = Times(TimeStyle.AGE, now)
        return strips.row(every_row(window), 0, 30, LEAD, STYLES)

    assert pear(written + 12).text.rstrip() == "●  98      12s     pear"
    assert pear(written + 13).text.rstrip() == "●  98      13s     pear"
    assert pear(written + 121) is pear(written + 179)
