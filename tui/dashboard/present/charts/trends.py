"""What the plots show: throughputs, pass rates and values over time, and switches between versions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.live.snapshots import WorkbenchSnapshot
from engine.live.stats.rates import Throughput
from engine.live.stats.values import ValueHistory

Values = npt.NDArray[np.float64]

_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A quantity over time."""

    consumer: int
    """0 for the raw stream."""
    values: Values
    """One per step, oldest first; not a number without records."""

    @property
    def last(self) -> float | None:
        """The newest value that is a number."""
        known = self.values[~np.isnan(self.values)]
        return float(known[-1]) if len(known) else None

    def at(self, place: int | None) -> float | None:
        """The value of a step, `last` for None; None without records."""
        if place is None:
            return self.last
        return None if np.isnan(self.values[place]) else float(self.values[place])


@dataclass(frozen=True, slots=True)
class Mark:
    """A switch to another version."""

    place: int
    """Its step, an index in the values of a line."""
    consumer: int
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class Trends:
    """Lines over the same steps."""

    seconds: int
    """Of a step. The newest may not be over yet."""
    start: int
    """The second that the oldest step begins with."""
    until: int
    """The second up to which everything is counted."""
    throughputs: tuple[Line, ...]
    """Records per second: the raw stream's, then of what each filter passes."""
    pass_rates: tuple[Line, ...]
    """Of the records evaluated in a step, 0 to 1."""
    values: tuple[Line, ...]
    """The newest output at the end of each step, of consumers whose outputs are numbers."""
    marks: tuple[Mark, ...]
    """Oldest first."""

    def place(self, second: int) -> int:
        """The step of a second, or the nearest one."""
        return min(max((second - self.start) // self.seconds, 0), len(self.throughputs[0].values) - 1)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Begin at whole multiples of their length, so that a curve moves without changing its shape."""

    seconds: int
    first: int
    """The number of the oldest."""
    count: int
    until: int

    def sums(self, measured: Throughput) -> tuple[Values, Values]:
        """The records of each step, and the seconds in which they were counted."""
        end = min(measured.until, self.until)
        start = max(measured.until - len(measured.history), self.first * self.seconds)
        counts = np.asarray(measured.history[len(measured.history) - (measured.until - start) :])
        steps = np.arange(start, max(end, start)) // self.seconds - self.first
        records = np.bincount(steps, weights=counts[: len(steps)], minlength=self.count)
        return records.astype(np.float64), np.bincount(steps, minlength=self.count).astype(np.float64)

    def lasts(self, measured: ValueHistory) -> Values:
        """The value at the end of each step, up to the last second that is counted."""
        seconds = (np.arange(self.count) + self.first + 1) * self.seconds - 1
        places = np.minimum(seconds, self.until) - measured.until + len(measured.history)
        known = (places >= 0) & (places < len(measured.history))
        found: Values = np.full(self.count, np.nan)
        found[known] = np.asarray(measured.history)[places[known]]
        return found


def until(snapshot: WorkbenchSnapshot) -> int:
    """The second up to which everything is counted; 0 before anything is."""
    return min((one.until for one in _measured(snapshot)), default=0)


def trends(snapshot: WorkbenchSnapshot, count: int) -> Trends:
    """The last `count` steps, as short as holds all that is known."""
    end = until(snapshot)
    age = end - min((one.until - len(one.history) for one in _measured(snapshot)), default=end)
    seconds = next((step for step in _STEPS if step * count >= age), _STEPS[-1])
    steps = _Steps(seconds, (end - 1) // seconds - count + 1, count, end)
    raw = Line(0, _ratio(*steps.sums(snapshot.throughput)))
    passed = (Line(one.id, _ratio(*steps.sums(one.throughput))) for one in snapshot.consumers)
    pass_rates = (
        Line(one.id, _ratio(steps.sums(one.throughput)[0], steps.sums(one.evaluated)[0]))
        for one in snapshot.consumers
    )
    marks = (
        Mark(min(place, count - 1), one.id, switch.version)
        for one in snapshot.consumers
        for switch in one.switches
        if (place := switch.second // seconds - steps.first) >= 0
    )
    values = (Line(one.id, steps.lasts(one.values)) for one in snapshot.consumers if one.values.history)
    numbers = tuple(line for line in values if line.last is not None)
    start = steps.first * seconds
    return Trends(seconds, start, end, (raw, *passed), tuple(pass_rates), numbers, tuple(marks))


def _measured(snapshot: WorkbenchSnapshot) -> list[Throughput]:
    consumers = (one for consumer in snapshot.consumers for one in (consumer.throughput, consumer.evaluated))
    return [one for one in (snapshot.throughput, *consumers) if one.history]


def _ratio(parts: Values, wholes: Values) -> Values:
    ratio: Values = np.divide(parts, wholes, out=np.full(len(parts), np.nan), where=wholes > 0)
    return ratio
