"""Printing what was measured: always a ratio of two things measured in turn, and the machine it was on."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

Row = tuple[str, str, str]
"""What, its figure, and what is expected of it or a remark."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Seconds that each of several turns took."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def machine() -> str:
    """The machine in one line."""
    return (
        f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"CPython {platform.python_version()}"
    )


def in_turn(turns: int, *subjects: Callable[[], float]) -> list[Samples]:
    """Run the subjects one after the other, `turns` times round, after a round that does not count.

    Each returns the seconds it took. Taking turns lets a noisy machine disturb all of them alike.
    """
    rounds = [[subject() for subject in subjects] for _ in range(turns + 1)][1:]
    return [Samples(tuple(column)) for column in zip(*rounds, strict=True)]


def ratio(a: Samples, b: Samples) -> float:
    """The median of `a / b`, turn by turn."""
    return statistics.median(x / y for x, y in zip(a.seconds, b.seconds, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """What so many percent of at least two values are below."""
    return statistics.quantiles(values, n=100)[percent - 1]


def milliseconds(seconds: float) -> str:
    """Seconds, as they are printed."""
    return f"{seconds * 1000:.2f} ms"


def table(title: str, rows: Sequence[Row]) -> None:
    """Print rows under a title."""
    print(f"\n{title}")
    width = max(len(what) for what, _, _ in rows)
    for what, figure, expected in rows:
        print(f"  {what:<{width}}  {figure:>16}  {expected}".rstrip())
