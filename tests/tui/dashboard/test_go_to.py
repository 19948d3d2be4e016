"""Offsets and times that are typed to go to."""

import pytest

from engine.units import InvalidValueError
from tui.dashboard.screens.dialogues.go_to import Place, place


@pytest.mark.parametrize("text", ["9" * 5_000, "1:" + "9" * 19])
def test_offsets_too_large_for_a_log_are_invalid(text: str) -> None:
    with pytest.raises(InvalidValueError):
        place(text)


def test_largest_offset_is_valid() -> None:
    assert isinstance(place("9" * 18), Place)
