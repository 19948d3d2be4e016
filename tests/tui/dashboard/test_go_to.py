"""Offsets and times that are typed to go to."""

import pytest

from engine.broker.read_range import Origin, Start
from engine.units import InvalidValueError
from tui.dashboard.screens.dialogues.go_to import Place, place


@pytest.mark.parametrize("text", ["9" * 5_000, "1:" + "9" * 19])
def test_offsets_too_large_for_a_log_are_invalid(text: str) -> None:
    with pytest.raises(InvalidValueError):
        place(text)


def test_a_time_of_day_is_no_partition() -> None:
    assert place("09:30").start.origin is Origin.TIME
    assert place("9:30") == Place(Start(Origin.ZERO, 30), 9)
    assert place("10:60") == place("10: 60") == Place(Start(Origin.ZERO, 60), 10)
    assert place("10: 12") == Place(Start(Origin.ZERO, 12), 10)


def test_largest_offset_is_valid() -> None:
    assert isinstance(place("9" * 18), Place)
