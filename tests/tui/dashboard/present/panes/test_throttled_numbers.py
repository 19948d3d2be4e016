from dataclasses import replace

import pytest

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.stats.counters import Counters
from engine.live.stats.rates import Throughput
from tests.tui.dashboard import example_workbenches
from tui.dashboard.present.panes import throttled_numbers
from tui.dashboard.present.refresh_limiter import RefreshLimiter


def test_numbers_are_throttled_except_on_new_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(throttled_numbers, "RefreshLimiter", lambda _: RefreshLimiter(3, lambda: now))
    numbers = throttled_numbers.Readings()
    first = example_workbenches.live().snapshot()
    assert numbers.settle(first) is first

    def later(consumer: ConsumerSnapshot) -> ConsumerSnapshot:
        return replace(consumer, counters=Counters(passed=1), throughput=Throughput(1.0))

    reloaded = replace(later(first.consumers[1]), version=9)
    second = replace(
        first, throughput=Throughput(7.0), records=77, consumers=(later(first.consumers[0]), reloaded)
    )
    shown = numbers.settle(second)
    assert (shown.records, shown.throughput) == (77, first.throughput)
    assert shown.consumers[0].counters == first.consumers[0].counters
    assert shown.consumers[1] is reloaded
    assert shown.consumers[0].last_fault == first.consumers[0].last_fault
    trapped = replace(first.consumers[1], last_fault=3)
    assert numbers.settle(replace(first, consumers=(trapped,))).consumers == (trapped,)
    now = 0.4
    assert numbers.settle(second) is second
