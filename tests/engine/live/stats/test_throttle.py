"""A pace, by a clock that the test sets."""

import pytest

from engine.live.stats.throttle import SLICE_SECONDS, Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(throttle: Throttle, clock: Clock, seconds: float, there: int = 1_000_000_000) -> tuple[int, int]:
    """How many of the records that are there are taken in so many seconds, and in how many wakes."""
    end, records, wakes = clock.now + seconds, 0, 0
    while clock.now < end and (wait := throttle.wait) is not None:
        clock.now += wait
        wakes += 1
        due = min(throttle.due or 0, there - records)
        throttle.took(due)
        records += due
    return records, wakes


def test_without_a_pace_everything_is_due(clock: Clock) -> None:
    throttle = Throttle(clock)
    assert (throttle.pace, throttle.due, throttle.wait) == (None, None, 0.0)
    throttle.took(1_000)
    assert throttle.due is None


@pytest.mark.parametrize("pace", [0.5, 1, 7, 20, 21, 50, 1_000, 1_000_000])
def test_it_is_kept_evenly_in_few_wakes(clock: Clock, pace: float) -> None:
    throttle = Throttle(clock)
    throttle.set(pace)
    records, wakes = taken(throttle, clock, 10)
    assert pace * 10 <= records <= pace * (10 + 2 * SLICE_SECONDS) + 2
    assert wakes <= 10 / SLICE_SECONDS + 2


def test_a_slice_is_taken_in_pieces_and_none_of_it_twice(clock: Clock) -> None:
    throttle = Throttle(clock)
    throttle.set(100)
    assert (throttle.due, throttle.wait) == (5, 0.0)
    throttle.took(2)
    assert (throttle.due, throttle.wait) == (3, 0.0)
    throttle.took(3)
    assert (throttle.due, throttle.wait) == (0, pytest.approx(0.05))


def test_what_comes_late_is_made_up_for_but_not_with_a_flood(clock: Clock) -> None:
    throttle = Throttle(clock)
    throttle.set(100)
    throttle.took(5)
    clock.now += 0.07
    throttle.took(5)
    assert throttle.wait == pytest.approx(0.03)
    clock.now += 3_600
    records, _ = taken(throttle, clock, 1)
    assert 100 <= records <= 115


def test_held_it_never_is_due_and_another_pace_is_at_once(clock: Clock) -> None:
    throttle = Throttle(clock)
    throttle.set(0.01)
    throttle.took(1)
    assert (throttle.due, throttle.wait) == (0, pytest.approx(100))
    throttle.set(0)
    assert (throttle.due, throttle.wait) == (0, None)
    throttle.set(50)
    assert (throttle.due, throttle.wait) == (3, 0.0)
    throttle.took(5)
    assert throttle.wait == pytest.approx(0.06), "more may have been taken, at another pace"
