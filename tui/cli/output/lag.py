"""How far a named consumer is behind, how fast it reads, and when it will have caught up."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from engine import units
from engine.broker.named_consumers import SavedPosition

WINDOW = 6
"""Looks that a rate is measured over: consumers save positions now and then, not all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Of a consumer in one topic."""

    positions: tuple[SavedPosition, ...]
    rate: float | None = None
    """Offsets that it passes in a second; None after one look."""
    shrinking: float | None = None
    """Offsets by which the lag becomes smaller in a second; below 0 if it grows."""

    @property
    def total(self) -> int:
        return sum(position.lag for position in self.positions)

    @property
    def seconds_left(self) -> float | None:
        """Until it has caught up if it continues like this; None if it does not, or that is not known."""
        if not self.total:
            return 0.0
        return self.total / self.shrinking if self.shrinking and self.shrinking > 0 else None


class LagMeter:
    """Measures one consumer in one topic, look by look."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, Lag]] = deque(maxlen=WINDOW)

    def add(self, now: float, positions: Sequence[SavedPosition]) -> Lag:
        """What is found at `now`, in seconds. Rates begin again if positions were set back, or deleted."""
        lag = Lag(positions=tuple(positions))
        if self._looks and not _goes_on(self._looks[-1][1], lag):
            self._looks.clear()
        if self._looks:
            start, before = self._looks[0]
            seconds = max(now - start, 1e-3)
            lag = Lag(
                positions=lag.positions,
                rate=(_passed(lag) - _passed(before)) / seconds,
                shrinking=(before.total - lag.total) / seconds,
            )
        self._looks.append((now, lag))
        return lag


def _passed(lag: Lag) -> int:
    return sum(position.offset for position in lag.positions)


def _goes_on(before: Lag, after: Lag) -> bool:
    offsets = {position.partition: position.offset for position in after.positions}
    known = {position.partition: position.offset for position in before.positions}
    return known.keys() == offsets.keys() and all(offsets[p] >= offset for p, offset in known.items())


def lag_text(topic: str, lag: Lag) -> str:
    """One line: all of it, the partitions that are behind, the rate, and when it will have caught up."""
    behind = [f"{position.partition}: {position.lag:,}" for position in lag.positions if position.lag]
    parts = [f"lag {lag.total:,}" + (f" ({', '.join(behind)})" if behind else "")]
    if lag.rate is not None:
        parts += [units.rate(lag.rate), _outlook(lag)]
    return f"{topic}: {', '.join(parts)}"


def _outlook(lag: Lag) -> str:
    left = lag.seconds_left
    if left is not None:
        return f"caught up in {units.rough_time(left)}" if left else "caught up"
    if lag.shrinking:
        return f"falls behind by {units.rate(-lag.shrinking)}"
    return "not catching up"


def lag_members(consumer: str, topic: str, lag: Lag) -> dict[str, object]:
    """What a JSON line has."""
    return {
        "consumer": consumer,
        "topic": topic,
        "lag": lag.total,
        "offsets_per_second": None if lag.rate is None else round(lag.rate, 1),
        "seconds_left": None if lag.seconds_left is None else round(lag.seconds_left, 1),
        "partitions": [
            {"partition": one.partition, "offset": one.offset, "end": one.end, "lag": one.lag}
            for one in lag.positions
        ],
    }
