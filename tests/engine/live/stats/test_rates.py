from engine.live.stats.rates import HISTORY, RateMeter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_steady_stream_has_its_rate_at_any_moment() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for _ in range(40):
        meter.add(25)
        clock.now += 0.25
    for _ in range(4):
        meter.add(25)
        assert meter.throughput().per_second == 100 + 25
        clock.now += 0.25


def test_history_has_whole_seconds_with_silence() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    meter.add(3)
    clock.now += 1
    meter.add(5)
    clock.now += 3
    assert meter.throughput().history == (3, 5, 0, 0)
    clock.now += 1_000
    assert meter.throughput().history == (0.0,) * HISTORY
    assert meter.throughput().per_second == 0


def test_records_that_are_counted_late_count_for_the_newest_second() -> None:
    meter = RateMeter(lambda: 100.0)
    meter.add(1, 100.5)
    assert meter.throughput(102.1).until == 102
    meter.add(7, 101.9)
    found = meter.throughput(103.0)
    assert (found.history, found.until) == ((1, 0, 7), 103)


def test_history_has_an_end_and_is_cached() -> None:
    clock = Clock()
    meter, other = RateMeter(clock), RateMeter(clock)
    clock.now = 101.999
    now = clock.now
    meter.add(3, now)
    clock.now = 102.001
    other.add(4, now)
    first = meter.throughput()
    assert (first.history, first.until) == ((0, 3), 102)
    assert (other.throughput().history, other.throughput().until) == ((0, 4), 102)
    clock.now = 102.5
    assert meter.throughput().history is first.history
    clock.now = 103
    assert (meter.throughput().history, meter.throughput().until) == ((0, 3, 0), 103)
