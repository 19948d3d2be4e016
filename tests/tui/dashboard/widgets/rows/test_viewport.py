"""Where the cursor and the lines in view go, without a screen."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.widgets.rows.viewport import Rows, Viewport

ODD = np.arange(1, 300, 2)


def showing(rows: Rows) -> Viewport:
    return Viewport().replace_rows(rows)


def of(rows: int, height: int = 10) -> Viewport:
    """A viewport that follows so many rows."""
    return showing(range(rows)).resize(height)


def in_view(viewport: Viewport) -> list[int]:
    rows = (viewport.row_at(line) for line in range(viewport.height))
    return [row for row in rows if row is not None]


def line_of(viewport: Viewport, row: int) -> int:
    return viewport.position(row) - viewport.top


rows = st.one_of(
    st.builds(range, st.integers(-50, 0), st.integers(0, 80)),
    st.sets(st.integers(-50, 80)).map(lambda numbers: np.array(sorted(numbers), np.intp)),
)
heights = st.integers(0, 30)
anywhere = st.integers(-60, 90)
moves: st.SearchStrategy[Callable[[Viewport], Viewport]] = st.one_of(
    st.integers(-40, 40).map(lambda delta: lambda port: port.step(delta)),
    st.sampled_from((-1, 1)).map(lambda direction: lambda port: port.page(direction)),
    anywhere.map(lambda row: lambda port: port.select(row)),
    st.just(lambda port: port.first()),
)
others: st.SearchStrategy[Callable[[Viewport], Viewport]] = st.one_of(
    heights.map(lambda height: lambda port: port.resize(height)),
    rows.map(lambda rows: lambda port: port.replace_rows(rows)),
    anywhere.map(lambda top: lambda port: port.scroll(top)),
    anywhere.map(lambda row: lambda port: port.align(row)),
    st.just(lambda port: port.pause()),
    st.just(lambda port: port.follow()),
)


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    """One that any operations led to."""
    port = showing(draw(rows))
    for operation in draw(st.lists(st.one_of(moves, others), max_size=8)):
        port = operation(port)
    return port


@given(viewports())
def test_the_lines_in_view_are_among_the_rows(port: Viewport) -> None:
    assert 0 <= port.top <= port.last_top
    assert len(in_view(port)) == min(port.height, len(port))


@given(viewports())
def test_following_sticks_to_the_end(port: Viewport) -> None:
    if port.following:
        assert port.top == port.last_top
        assert port.cursor is port.target is None


@given(viewports(), moves)
def test_a_moved_cursor_is_on_a_row_in_view(port: Viewport, move: Callable[[Viewport], Viewport]) -> None:
    port = move(port)
    if len(port):
        assert port.cursor == port.selected
        assert 0 <= line_of(port, port.selected) < max(port.height, 1)
        assert not port.following


@given(viewports(), rows)
def test_what_is_read_stays_at_its_line(port: Viewport, rows: range) -> None:
    if port.following or port.target is not None or not len(port):
        return
    visible = port.cursor is not None and 0 <= line_of(port, port.cursor) < port.height
    read = port.cursor if visible else port.topmost
    after = port.replace_rows(rows)
    if read in port.rows and read in rows and 0 < after.top < after.last_top:
        assert line_of(after, read) == line_of(port, read)


@given(viewports(), heights)
def test_a_cursor_in_view_stays_in_view_at_another_size(port: Viewport, height: int) -> None:
    visible = port.cursor in in_view(port)
    port = port.resize(height)
    assert not visible or not height or port.cursor in in_view(port)


@given(viewports(), anywhere)
def test_the_cursor_arrives_where_it_was_sent_once_that_row_comes(port: Viewport, row: int) -> None:
    assert not len(port) or port.select(row).replace_rows(range(-100, 100)).cursor == row


def test_the_newest_rows_are_followed() -> None:
    port = of(300)
    assert in_view(port)[-1] == 299
    port = port.replace_rows(range(10, 310))
    assert in_view(port) == [*range(300, 310)]
    assert in_view(port.resize(20)) == [*range(290, 310)]


def test_the_cursor_goes_along_the_rows() -> None:
    port = showing(ODD).resize(10).first()
    assert (port.cursor, port.topmost) == (1, 1)
    port = port.step(1).step(1).step(-1)
    assert port.cursor == 3
    assert port.page(1).cursor == 3 + 2 * 9
    assert port.step(-5).cursor == 1
    assert port.step(1_000).cursor == 299


def test_the_first_step_selects_the_last_row_in_view() -> None:
    assert of(300).selected == 299
    assert of(300).step(-1).cursor == 299
    assert of(300).step(-1).step(-1).cursor == 298
    assert of(300).scroll(100).step(1).cursor == 109


def test_a_page_moves_the_cursor_with_what_is_in_view() -> None:
    port = of(300).page(-1)
    assert (port.cursor, in_view(port)) == (290, [*range(281, 291)])
    port = port.page(-1).page(1).page(1).page(1)
    assert (port.cursor, port.top) == (299, 290)


def test_found_rows_are_gone_through_and_around() -> None:
    port, found = of(100), np.arange(3, 100, 10)
    assert port.nearest(found, 0) == 93
    port = port.select(93)
    assert [port.nearest(found, step) for step in (-1, 0, 1)] == [83, 93, 3]
    assert port.first().nearest(found, -1) == 93
    assert port.first().nearest(found, 0) == 93
    assert port.nearest(found[:0], 1) is None
    assert [port.exhausts(found, step) for step in (-1, 0, 1)] == [False, False, True]
    assert [port.first().exhausts(found, step) for step in (-1, 0, 1)] == [True, False, False]
    assert [port.select(3).exhausts(found, step) for step in (-1, 1)] == [True, False]
    assert all(port.exhausts(found[:0], step) for step in (-1, 0, 1))


def test_rows_that_leave_above_take_what_is_read_along() -> None:
    port = of(300).page(-1)
    shown = in_view(port)
    port = port.replace_rows(range(250, 550))
    assert in_view(port) == shown
    assert in_view(port.replace_rows(range(-500, 550))) == shown


def test_a_row_that_comes_between_leaves_the_cursor_at_its_line() -> None:
    port = showing(ODD).resize(10)
    for _ in range(5):
        port = port.step(-1)
    line = line_of(port, 291)
    assert port.cursor == 291
    port = port.replace_rows(range(300))
    assert (port.cursor, line_of(port, 291)) == (291, line)


def test_the_cursor_stays_on_a_row_that_is_gone() -> None:
    port = showing(ODD).resize(10).select(101).replace_rows(np.array([99, 107]))
    assert port.cursor == 101
    assert port.selected == 107


@pytest.mark.parametrize("size_first", [True, False])
def test_a_view_without_a_size_opens_where_it_was_sent(*, size_first: bool) -> None:
    def sent(port: Viewport) -> Viewport:
        return port.resize(10).select(20) if size_first else port.select(20).resize(10)

    unsized = showing(range(300))
    assert sent(unsized).cursor == 20
    assert 20 in in_view(sent(unsized))
    assert in_view(unsized.pause().resize(10)) == [*range(290, 300)]
    assert in_view(unsized.align(40).resize(10)) == [*range(40, 50)]


def test_scrolling_pauses_except_at_the_end() -> None:
    port = of(300)
    assert port.scroll(290).following
    scrolled = port.scroll(289)
    assert not scrolled.following
    assert scrolled.cursor is None
    assert not scrolled.scroll(290).following
    assert scrolled.follow().top == 290


def test_scrolling_gives_up_the_row_that_was_waited_for() -> None:
    port = showing(ODD).resize(10).select(100)
    assert (port.cursor, port.target) == (101, 100)
    assert port.replace_rows(range(300)).cursor == 100
    assert port.scroll(3).replace_rows(range(300)).cursor == 101


def test_without_rows_there_is_nothing_to_select() -> None:
    port = of(0)
    assert port.selected is port.topmost is None
    for moved in (port.step(1), port.page(1), port.first(), port.select(3), port.align(3)):
        assert (moved.cursor, moved.following) == (None, True)
    assert port.pause().replace_rows(range(5)).selected == 4


def test_near_the_first_row_older_ones_are_wanted() -> None:
    assert not of(300).near_top
    assert of(300).first().near_top
    assert of(300).scroll(9).near_top
    assert not of(300).scroll(10).near_top
