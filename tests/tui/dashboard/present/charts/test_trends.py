"""Throughputs and pass rates over time, and how they are drawn."""

from dataclasses import replace
from math import isnan

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.stats.rates import Throughput
from engine.live.stats.values import ValueHistory
from engine.live.versions.switch import Switch
from engine.live.window.window import Window
from tui.dashboard.present.charts.trends import Line, Mark, Trends, trends, until


def snapshot(
    came: Throughput, *filters: tuple[Throughput, Throughput], switches: tuple[Switch, ...] = ()
) -> WorkbenchSnapshot:
    """A workbench with these throughputs: those that came, and for each filter those that pass and all."""
    consumers = (
        ConsumerSnapshot(
            identity,
            "f",
            None,
            Live(),
            throughput=passed,
            evaluated=evaluated,
            switches=switches,
        )
        for identity, (passed, evaluated) in enumerate(filters, 1)
    )
    return WorkbenchSnapshot(
        topic="orders", window=Window().snapshot(), consumers=tuple(consumers), throughput=came
    )


def values(line: Line) -> list[float | None]:
    return [None if isnan(value) else round(float(value), 3) for value in line.values]


def plotted(found: Trends) -> list[list[float | None]]:
    return [values(line) for line in (*found.throughputs, *found.pass_rates)]


def test_steps_are_seconds_if_they_fit() -> None:
    came = Throughput(0, (4.0, 0.0, 6.0), 103)
    passed = Throughput(0, (1.0, 0.0), 103), Throughput(0, (4.0, 0.0), 103)
    found = trends(snapshot(came, passed), 5)
    assert found.seconds == 1
    assert plotted(found) == [
        [None, None, 4, 0, 6],
        [None, None, None, 1, 0],
        [None, None, None, 0.25, None],
    ]
    assert [line.last for line in found.pass_rates] == [0.25]


def test_longer_steps_are_whole_multiples() -> None:
    came = Throughput(0, (9.0, 2.0, 4.0, 6.0, 8.0), 103)
    passed = Throughput(0, (1.0, 1.0, 3.0, 4.0), 103), Throughput(0, (2.0, 4.0, 6.0, 8.0), 103)
    found = trends(snapshot(came, passed), 3)
    assert found.seconds == 2
    assert plotted(found) == [[5.5, 5, 8], [1, 2, 4], [0.5, 0.4, 0.5]]
    later = replace(came, history=(*came.history, 2.0), until=104)
    assert values(trends(snapshot(later), 3).throughputs[0]) == [5.5, 5, 5], "only the last one changes"


def test_second_counted_by_some_is_not_drawn() -> None:
    came = Throughput(0, (4.0, 2.0), 102)
    passed = Throughput(0, (1.0,), 101), Throughput(0, (4.0,), 101)
    both = snapshot(came, passed)
    assert until(both) == 101
    assert plotted(trends(both, 2)) == [[None, 4], [None, 1], [None, 0.25]]


def test_no_counts_yet() -> None:
    empty = snapshot(Throughput(), (Throughput(), Throughput()))
    assert until(empty) == 0
    assert plotted(trends(empty, 2)) == [[None, None]] * 3


def test_marks_are_at_switches() -> None:
    came = Throughput(0, (1.0,) * 8, 108)
    switches = Switch(99, 2), Switch(103, 3), Switch(108, 4)
    found = trends(snapshot(came, (came, came), switches=switches), 4)
    assert found.marks == (Mark(1, 1, 3), Mark(3, 1, 4)), "the first is too old, the last too new"


def test_values_are_those_at_the_end_of_each_step() -> None:
    came = Throughput(0, (1.0,) * 6, 106)
    nan = float("nan")
    one = snapshot(came, (came, came))
    (consumer,) = one.consumers
    history = ValueHistory((nan, 4.0, -5.0, 6.0), 106)
    with_values = replace(one, consumers=(replace(consumer, values=history),))
    assert [values(line) for line in trends(with_values, 3).values] == [[None, 4, 6]]
    assert [values(line) for line in trends(with_values, 6).values] == [[None, None, None, 4, -5, 6]]
    assert trends(one, 3).values == ()
