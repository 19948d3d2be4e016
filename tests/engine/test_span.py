import pytest

from engine.broker import OffsetRange
from engine.span import Origin, Span, Start

HELD = {0: OffsetRange(10, 100), 2: OffsetRange(0, 0)}


@pytest.mark.parametrize(
    ("start", "positions"),
    [
        (Start(Origin.BEGINNING), {0: 10, 2: 0}),
        (Start(Origin.BEGINNING, 5), {0: 15, 2: 0}),
        (Start(Origin.BEGINNING, 500), {0: 100, 2: 0}),
        (Start(Origin.END), {0: 100, 2: 0}),
        (Start(Origin.END, 5), {0: 95, 2: 0}),
        (Start(Origin.END, 500), {0: 10, 2: 0}),
        (Start(Origin.ZERO, 3), {0: 10, 2: 3}),
        (Start(Origin.ZERO, 50), {0: 50, 2: 50}),
        (Start(Origin.ZERO, 500), {0: 500, 2: 500}),
    ],
)
def test_where_reading_begins(start: Start, positions: dict[int, int]) -> None:
    assert Span(start).positions(HELD) == positions


def test_where_reading_ends() -> None:
    start = Start(Origin.BEGINNING)
    assert Span(start).ends(HELD) == {}
    assert Span(start, to_end=True).ends(HELD) == {0: 100, 2: 0}
    assert Span(start, last=50).ends(HELD) == {0: 51, 2: 51}
    assert Span(start, last=50, to_end=True).ends(HELD) == {0: 51, 2: 0}
