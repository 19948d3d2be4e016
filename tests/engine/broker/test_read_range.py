import pytest

from engine.broker.log import OffsetRange
from engine.broker.read_range import Origin, Span, Start

HELD = {0: OffsetRange(10, 100), 2: OffsetRange(0, 0)}


def first_at(partition: int, timestamp: int, start: int) -> int:
    """A record every 100 ms in partition 0, the one at offset 0 at the epoch; and more come meanwhile."""
    later = -(-timestamp // 100)
    return min(max(later, start), 110) if partition == 0 else 0


def ends(span: Span) -> dict[int, int]:
    return span.resolve(HELD, first_at)[1]


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
        (Start(Origin.TIME, 4_200), {0: 42, 2: 0}),
        (Start(Origin.TIME, 5), {0: 10, 2: 0}),
        (Start(Origin.TIME, 99_999), {0: 100, 2: 0}),
    ],
)
def test_where_reading_begins(start: Start, positions: dict[int, int]) -> None:
    assert Span(start).resolve(HELD, first_at)[0] == positions


def test_where_reading_ends() -> None:
    start = Start(Origin.BEGINNING)
    assert ends(Span(start)) == {}
    assert ends(Span(start, to_end=True)) == {0: 100, 2: 0}
    assert ends(Span(start, last=50)) == {0: 51, 2: 51}
    assert ends(Span(start, last=50, to_end=True)) == {0: 51, 2: 0}
    assert ends(Span(start, until=4_200)) == {0: 43, 2: 0}
    assert ends(Span(start, until=99_999)) == {0: 100, 2: 0}
    assert ends(Span(start, until=5)) == {0: 10, 2: 0}
