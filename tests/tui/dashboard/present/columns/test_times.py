"""Styles of times."""

from datetime import timedelta

import pytest

from tui.dashboard.present.columns.times import Times, TimeStyle, age, difference, said, zone_name

NOON = 1_772_366_400_067
"""2026-03-01 12:00:00.067 UTC."""
NOW = NOON // 1_000 + 12


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"),
        (999, "0s"),
        (59_999, "59s"),
        (60_000, "1m"),
        (3_599_999, "59m"),
        (3_600_000, "1h"),
        (47 * 3_600_000, "47h"),
        (48 * 3_600_000, "2d"),
        (10**15, "11574074d"),
        (-1, "0s"),
        (-5_000, "-5s"),
    ],
)
def test_ages_have_one_unit(milliseconds: int, text: str) -> None:
    assert age(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "cells", "text"),
    [
        (350, 8, "+0.350s"),
        (350, 6, "+0.35s"),
        (350, 5, "+0.3s"),
        (350, 4, "+0s"),
        (0, 8, "+0.000s"),
        (-20, 8, "-0.020s"),
        (59_999, 8, "+59.999s"),
        (65_000, 8, "+1m05s"),
        (-65_000, 5, "-1m"),
        (7_300_000, 8, "+2h"),
        (200_000_000, 8, "+2d"),
    ],
)
def test_differences_are_as_exact_as_there_is_room(milliseconds: int, cells: int, text: str) -> None:
    assert difference(milliseconds, cells) == text


@pytest.mark.parametrize(
    ("style", "wide", "narrow"),
    [
        (TimeStyle.LOCAL, "12:00:00.067", "00:00"),
        (TimeStyle.UTC, "12:00:00.067", "00:00"),
        (TimeStyle.AGE, "     11s", "  11s"),
        (TimeStyle.STEP, " +0.067s", "+0.1s"),
    ],
)
def test_a_cell_in_each_style(style: TimeStyle, wide: str, narrow: str) -> None:
    times = Times(style, NOW)
    assert (times.cell(NOON, NOON - 67), times.cell(NOON, NOON - 67, 5)) == (wide, narrow)


def test_a_time_in_full_has_its_date_in_each_style() -> None:
    full = "2026-03-01 12:00:00.067 UTC"
    assert [Times(style, NOW).words(NOON, NOON - 67) for style in TimeStyle] == [
        full,
        full,
        f"{full}, 11s old",
        f"{full}, +0.067s since the row above",
    ]


def test_nothing_is_said_of_a_row_without_one_above() -> None:
    times = Times(TimeStyle.STEP)
    assert (times.cell(NOON, None).strip(), times.words(NOON)) == ("", "2026-03-01 12:00:00.067 UTC")


@pytest.mark.parametrize("style", TimeStyle)
@pytest.mark.parametrize("stamp", [-1, 2**63 - 1, -(2**63)])
def test_no_time_is_too_strange(style: TimeStyle, stamp: int) -> None:
    assert len(Times(style, NOW).cell(stamp, 0)) < 40
    assert Times(style, NOW).words(stamp, 0)


def test_styles_take_turns() -> None:
    style, seen = TimeStyle.LOCAL, []
    for _ in range(5):
        seen.append(said(style, in_rows=True))
        style = style.next
    assert seen == ["", "UTC", "age", "since row above", ""]


@pytest.mark.parametrize(
    ("minutes", "name"), [(0, "UTC"), (120, "UTC+2"), (-210, "UTC-3:30"), (345, "UTC+5:45")]
)
def test_zones_are_named_by_their_offset(minutes: int, name: str) -> None:
    assert zone_name(timedelta(minutes=minutes)) == name
