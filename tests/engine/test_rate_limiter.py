"""A rate limiter, by a clock that the test sets."""

import pytest

from engine.rate_limiter import SLICE_SECONDS, RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limiter: RateLimiter, clock: Clock, seconds: float, there: int = 1_000_000_000) -> tuple[int, int]:
    """Records taken within some seconds, and in how many wakes."""
    end, records, wakes = clock.now + seconds, 0, 0
    while clock.now < end and (wait := limiter.wait) is not None:
        clock.now += wait
        wakes += 1
        due = min(limiter.due or 0, there - records)
        limiter.take(due)
        records += due
    return records, wakes


def test_without_a_rate_all_records_are_due(clock: Clock) -> None:
    limiter = RateLimiter(clock=clock)
    assert (limiter.per_second, limiter.due, limiter.wait) == (None, None, 0.0)
    limiter.take(1_000)
    assert limiter.due is None


@pytest.mark.parametrize("rate", [0.5, 1, 7, 20, 21, 50, 1_000, 1_000_000])
def test_rate_is_even_with_few_wakes(clock: Clock, rate: float) -> None:
    limiter = RateLimiter(clock=clock)
    limiter.set(rate)
    records, wakes = taken(limiter, clock, 10)
    assert rate * 10 <= records <= rate * (10 + 2 * SLICE_SECONDS) + 2
    assert wakes <= 10 / SLICE_SECONDS + 2


def test_slice_is_taken_in_parts(clock: Clock) -> None:
    limiter = RateLimiter(clock=clock)
    limiter.set(100)
    assert (limiter.due, limiter.wait) == (5, 0.0)
    limiter.take(2)
    assert (limiter.due, limiter.wait) == (3, 0.0)
    limiter.take(3)
    assert (limiter.due, limiter.wait) == (0, pytest.approx(0.05))


def test_delay_is_made_up_for_without_a_flood(clock: Clock) -> None:
    limiter = RateLimiter(clock=clock)
    limiter.set(100)
    limiter.take(5)
    clock.now += 0.07
    limiter.take(5)
    assert limiter.wait == pytest.approx(0.03)
    clock.now += 3_600
    records, _ = taken(limiter, clock, 1)
    assert 100 <= records <= 115


def test_rate_0_is_never_due_and_a_new_rate_is_due_at_once(clock: Clock) -> None:
    limiter = RateLimiter(clock=clock)
    limiter.set(0.01)
    limiter.take(1)
    assert (limiter.due, limiter.wait) == (0, pytest.approx(100))
    limiter.set(0)
    assert (limiter.due, limiter.wait) == (0, None)
    limiter.set(50)
    assert (limiter.due, limiter.wait) == (3, 0.0)
    limiter.take(5)
    assert limiter.wait == pytest.approx(0.06), "more may have been taken, at the old rate"
