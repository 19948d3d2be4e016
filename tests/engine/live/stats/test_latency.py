"""Costs, as percentiles of records."""

import pytest

from engine.live.stats.latency import Costs


def test_percentile_counts_records_not_batches() -> None:
    costs = Costs()
    costs.add(98 * 1e-6, 98)
    costs.add(2 * 1e-3, 2)
    assert costs.percentile(0.5) == pytest.approx(1e-6, rel=0.05)
    assert costs.percentile(0.98) == pytest.approx(1e-6, rel=0.05)
    assert costs.percentile(0.99) == pytest.approx(1e-3, rel=0.05)


def test_no_percentile_without_records() -> None:
    costs = Costs()
    assert costs.percentile(0.5) is None
    costs.add(1e-3, 0)
    assert costs.percentile(0.5) is None


def test_least_cost_is_a_nanosecond() -> None:
    costs = Costs()
    costs.add(0.0, 10)
    assert costs.percentile(0.99) == 1e-9
