"""Numbers in ranges whose classes differ most, cut as by Fayyad and Irani: while a cut is worth it."""

import math

import numpy as np
import numpy.typing as npt

from engine.live.separation.information import Table, entropy, table_of

DEEPEST = 3
"""Cuts within cuts: eight ranges at most."""
_BINS = 2_048
"""Numbers with more values than that are compared in bins of about the same size."""
_QUARTERS = (0.25, 0.5, 0.75)

Numbers = npt.NDArray[np.float64]
Classes = npt.NDArray[np.intp]


def cuts(numbers: Numbers, classes: Classes, weights: npt.NDArray[np.float64]) -> list[float]:
    """Where the ranges begin, ascending, but for the first; quartiles if no cut says anything.

    `weights` are for how many records one of each class stands.
    """
    values, bins = np.unique(numbers, return_inverse=True)
    if len(values) > _BINS:
        edges = np.unique(values[np.linspace(0, len(values) - 1, _BINS).astype(int)])
        values, bins = edges, np.searchsorted(edges, numbers, side="right") - 1
    table = table_of(bins, len(values), classes, len(weights)) * weights
    found = _cut(np.cumsum(table, axis=0), 0, len(values), 0)
    if not found:
        return sorted({float(one) for one in np.quantile(numbers, _QUARTERS)} - {float(values[0])})
    exact = [_refined(numbers, classes, weights, values, place) for place in found]
    return sorted(set(exact))


def _cut(sums: Table, start: int, end: int, depth: int) -> list[int]:
    """The bins at which the best cuts between `start` and `end` are, by the sums of bins up to each."""
    if depth == DEEPEST or end - start < 2:
        return []
    before = sums[start - 1] if start else np.zeros_like(sums[0])
    whole = sums[end - 1] - before
    left = sums[start : end - 1] - before
    place = _best(left, whole)
    one, other = left[place], whole - left[place]
    if not _worth(one, other, whole):
        return []
    middle = start + place + 1
    return [*_cut(sums, start, middle, depth + 1), middle, *_cut(sums, middle, end, depth + 1)]


def _best(left: Table, whole: Table) -> int:
    right = whole - left
    spread = left.sum(axis=1) * entropy(left) + right.sum(axis=1) * entropy(right)
    return int(np.argmin(spread))


def _worth(one: Table, other: Table, whole: Table) -> bool:
    """Whether a cut saves more than it takes to describe it."""
    total = float(whole.sum())
    entropies = [float(entropy(part)) for part in (one, other, whole)]
    kinds = [int(np.count_nonzero(part)) for part in (one, other, whole)]
    gain = entropies[2] - (one.sum() * entropies[0] + other.sum() * entropies[1]) / total
    saved = kinds[2] * entropies[2] - kinds[0] * entropies[0] - kinds[1] * entropies[1]
    cost = math.log(max(total - 1, 1)) + math.log(3 ** kinds[2] - 2) - saved
    return bool(gain > cost / total)


def _refined(
    numbers: Numbers, classes: Classes, weights: npt.NDArray[np.float64], values: Numbers, place: int
) -> float:
    """The best cut near the start of a bin, as a round number."""
    low = values[max(place - 1, 0)]
    high = values[place + 1] if place + 1 < len(values) else np.inf
    near = (numbers >= low) & (numbers < high)
    exact, bins = np.unique(numbers[near], return_inverse=True)
    sums = np.cumsum(table_of(bins, len(exact), classes[near], len(weights)) * weights, axis=0)
    at = _best(sums[:-1], sums[-1]) if len(exact) > 1 else -1
    if at < 0:
        return float(values[place])
    return round_between(float(exact[at]), float(exact[at + 1]))


def round_between(low: float, high: float) -> float:
    """The number with the fewest digits above `low` and up to `high`."""
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        return high
    power = math.floor(math.log10(max(abs(low), abs(high), high - low))) + 1
    for digits in range(-power, 17 - power):
        number = round(math.floor(low * 10.0**digits + 1) / 10.0**digits, max(digits, 0))
        if low < number <= high:
            return number
    return high
