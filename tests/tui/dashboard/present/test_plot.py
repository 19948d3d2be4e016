"""Lines drawn with braille dots, without a screen."""

import numpy as np

from tui.dashboard.present import plot
from tui.dashboard.present.plot import Frame, Row
from tui.dashboard.present.trends import Line, Mark


def text(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_scales_end_with_round_numbers() -> None:
    assert [plot.round_up(value) for value in (0, 0.24, 7, 99, 1_080)] == [1, 0.25, 8, 100, 1_200]


def test_line_rises_from_bottom_left_to_top_right() -> None:
    assert plot.lines_of([Line(1, np.arange(4.0))], 3.0, (), Frame(2, 1)) == [[("⡠⠊", "$filter-1")]]


def test_gap_in_the_values_is_a_gap_in_the_line() -> None:
    values = np.array([1.0, 1.0, np.nan, np.nan, 1.0, 1.0])
    assert text(plot.lines_of([Line(1, values)], 1.0, (), Frame(3, 1))) == ["\u2809 \u2809"]


def test_switch_of_version_has_a_rule_and_a_label() -> None:
    mark = Mark(4, 2, 3)
    rows = plot.lines_of([], 1.0, [mark], Frame(8, 2))
    assert text(rows) == ["  │     "] * 2
    assert text([plot.mark_labels([mark], range(8), coloured=True)]) == ["  v3    "]
    assert text([plot.mark_labels([mark], range(8), coloured=False)]) == ["  2:v3  "]


def test_numbers_of_lines_that_end_together_go_to_the_nearest_free_row() -> None:
    lines = [Line(number, np.ones(2)) for number in (1, 2, 3)]
    assert text(plot.ends_of(lines, 1.0, 2, 2)) == ["12", "3 "]


def test_time_axis_counts_back_from_now() -> None:
    assert plot.time_axis(20, 1) == "    ╵−30s        now"
