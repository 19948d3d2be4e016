"""Lines drawn with braille dots, without a screen."""

import numpy as np
import pytest

from tui.dashboard.present.charts import plot
from tui.dashboard.present.charts.trends import Line, Mark


@pytest.mark.parametrize(
    "greatest, top",
    [(0.0, 1.0), (0.023, 0.025), (0.9, 1.0), (1.0, 1.0), (1_080.0, 1_200.0), (51_234.0, 60_000.0)],
)
def test_scales_end_with_round_numbers(greatest: float, top: float) -> None:
    assert plot.round_up(greatest) == pytest.approx(top)


def text(row: plot.Row) -> str:
    return "".join(run[0] for run in row)


def drawn(rows: list[plot.Row]) -> list[str]:
    return [text(row) for row in rows]


def line(consumer: int, *of: float) -> Line:
    return Line(consumer, np.array(of))


def test_lines_are_joined_and_later_ones_on_top() -> None:
    nothing = float("nan")
    both = line(1, 0, 1, 1, 0.5), line(2, nothing, nothing, 0, 0)
    shown = plot.lines_of(both, 1, (), plot.Frame(2, 2))
    assert drawn(shown) == ["⢸⢱", "⡸⣀"]
    assert [style for _, style in shown[1]] == ["$filter-1", "$filter-2"]


def test_switch_has_rule_behind_lines() -> None:
    late = line(1, float("nan"), 0, 0, 0, 0, 0)
    assert drawn(plot.lines_of([late], 1, [Mark(0, 1, 3)], plot.Frame(3, 2))) == ["│  ", "⢀⣀⣀"]


def test_lines_have_numbers_without_colours() -> None:
    both = line(1, *[0] * 20), line(12, *[1] * 20)
    assert drawn(plot.lines_of(both, 1, (), plot.Frame(10, 2, coloured=False))) == [
        "⠉⠉⠉12⠉⠉⠉⠉⠉",
        "1⣀⣀⣀⣀⣀⣀⣀⣀⣀",
    ]


@pytest.mark.parametrize(
    ("ends", "rows"),
    [
        ((1, 1, 1, 0), ["0 ", "1 ", "2 ", "  ", "3 "]),
        ((0, 0, 1), ["2 ", "  ", "  ", "0 ", "1 "]),
        ((0.5, 0.5, 0.52), ["  ", "  ", "2 ", "0 ", "1 "]),
        ((0, float("nan"), 0, 0, 0), ["  ", "0 ", "2 ", "3 ", "4 "]),
        ((0, 1, 0, 1, 0, 1, 0), ["1 ", "3 ", "0 ", "2 ", "4 "]),
        ((), ["  "] * 5),
    ],
)
def test_numbers_beside_plot_have_a_row_each_in_order(ends: tuple[float, ...], rows: list[str]) -> None:
    lines = [line(consumer, end) for consumer, end in enumerate(ends)]
    assert drawn(plot.ends_of(lines, 1, 5, 2)) == rows


def test_newest_label_wins_without_room() -> None:
    marks = [Mark(4, 1, 2), Mark(6, 1, 3), Mark(38, 2, 10)]
    assert text(plot.mark_labels(marks, range(20), coloured=True)) == "   v3            v10"
    assert text(plot.mark_labels(marks, range(20), coloured=False)) == "   1:v3        2:v10"
    assert text(plot.mark_labels(marks, range(5, 20), coloured=True)) == "            v10"


@pytest.mark.parametrize(
    ("column", "drawn"),
    [
        (0, "▲11-26 09:00  ╵11-26 09:14  now"),
        (3, "╵  ▲          ╵11-26 09:14  now"),
        (8, "╵       ▲     ╵11-26 09:14  now"),
        (13, "╵11-26 09:00 ▲╵11-26 09:14  now"),
        (14, "╵11-26 09:00  ▲11-26 09:14  now"),
        (29, "╵11-26 09:00  ╵11-26 09:14   ▲ "),
    ],
)
def test_cursor_leaves_no_broken_label(column: int, drawn: str) -> None:
    assert plot.with_cursor("╵11-26 09:00  ╵11-26 09:14  now", column) == drawn
    assert plot.with_cursor("╵−1m  ╵−30s", 8) == "╵−1m  ╵ ▲  "


def test_time_axis_has_round_times() -> None:
    assert plot.time_axis(30, 1) == "              ╵−30s        now"
    assert plot.time_axis(60, 2).split() == ["╵−3m", "╵−2m", "╵−1m", "now"]
