"""Numbers that a person may mistype must not reach what cannot bear them."""

from collections.abc import Callable

import click
import pytest

from tui.cli.options.quantities import byte_count, milliseconds, pace, past_moment
from tui.dashboard.screens.go_to import Place, place


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (pace, "0.00000000001"),
        (pace, "9" * 400),
        (pace, "1" * 14),
        (milliseconds, "9" * 400 + "d"),
        (milliseconds, "99999999w"),
        (past_moment, "9" * 15 + "w"),
        (past_moment, "9" * 400 + "d"),
        (byte_count, "9" * 400 + "GB"),
        (place, "9" * 5_000),
        (place, "1:" + "9" * 19),
    ],
)
def test_what_is_beyond_all_measure_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(click.BadParameter):
        parse(text)


def test_the_greatest_that_there_may_be_are_taken() -> None:
    assert pace("1000000000/s") == 1e9
    assert pace("0.000001") == 1e-6
    assert isinstance(place("9" * 18), Place)
    assert past_moment("9000h") > 0
