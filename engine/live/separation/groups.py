"""The records of a column in groups: by value, or by ranges of numbers."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.fields.arrays import Array
from engine.live.separation.condition import Between, Check, Is, Missing, Other, as_text, numbers_of
from engine.live.separation.information import Table, contributions, separation, table_of
from engine.live.separation.ranges import Classes, cuts

MOST_GROUPS = 8
"""Values that are shown of a field; the others are one group."""
_MOST_VALUES, _FEWEST_RECORDS = 1_000, 8
"""Values that are told apart to say how well a field separates, and the records that each has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some records of a column."""

    check: Check
    counts: tuple[int, int, int]
    """How many passed, were dropped, failed."""
    values: int = 1
    """How many different values are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A column in groups."""

    groups: tuple[Group, ...]
    score: float
    """How well it separates: how much of what is uncertain about a verdict its value tells, from 0 to 1."""


def grouped(column: Array, classes: Classes, weights: npt.NDArray[np.float64]) -> Grouped | None:
    """The records of a column; None if all are in the same group.

    `classes` are 0, 1 and 2 for passed, dropped and failed; one record of each stands for `weights` records.
    """
    present = np.asarray(column.is_valid())
    rest = table_of(np.zeros(int((~present).sum()), np.intp), 1, classes[~present], 3)[0] * weights
    found, known = column.filter(pa.array(present)), classes[present]
    if not len(found):
        return None
    numbers = None if pa.types.is_string(column.type) else numbers_of(found)
    if numbers is not None and len(np.unique(numbers)) > MOST_GROUPS:
        checks, table, values = _ranges(numbers, known, weights, time=pa.types.is_timestamp(column.type))
        score_table = table
    else:
        checks, table, values, score_table = _values(found, numbers, known, weights)
    if rest.sum():
        checks, table = [*checks, Missing()], np.vstack([table, rest])
        values, score_table = [*values, 0], np.vstack([score_table, rest])
    if len(checks) < 2:
        return None
    counts = np.rint(table).astype(int)
    groups = tuple(
        Group(check=check, counts=(int(row[0]), int(row[1]), int(row[2])), values=several)
        for check, row, several in zip(checks, counts, values, strict=True)
    )
    return Grouped(groups=groups, score=separation(score_table, len(classes)))


def _ranges(
    numbers: npt.NDArray[np.float64], classes: Classes, weights: npt.NDArray[np.float64], *, time: bool
) -> tuple[list[Check], Table, list[int]]:
    edges = cuts(numbers, classes, weights)
    table = table_of(np.searchsorted(edges, numbers, side="right"), len(edges) + 1, classes, 3) * weights
    bounds = [None, *edges, None]
    checks: list[Check] = [Between(low=low, high=high, time=time) for low, high in pairwise(bounds)]
    return checks, table, [0] * len(checks)


def _values(
    column: Array,
    numbers: npt.NDArray[np.float64] | None,
    classes: Classes,
    weights: npt.NDArray[np.float64],
) -> tuple[list[Check], Table, list[int], Table]:
    """By value: those that say most, in the order of how many pass, then the rest as one group."""
    if numbers is None:
        encoded = as_text(column).dictionary_encode()
        names, codes = encoded.dictionary.to_pylist(), np.asarray(encoded.indices)
    else:
        found, codes = np.unique(numbers, return_inverse=True)
        names = found.tolist()
    table = table_of(codes.astype(np.intp), len(names), classes, 3) * weights
    frequent = np.argsort(-table.sum(axis=1), kind="stable")
    kept = int((table.sum(axis=1) >= _FEWEST_RECORDS).sum()) if len(names) > MOST_GROUPS else len(names)
    kept = min(kept, _MOST_VALUES)
    pooled = table[frequent[kept:]].sum(axis=0, keepdims=True)
    score_table = np.vstack([table[frequent[:kept]], pooled])
    if len(names) <= MOST_GROUPS + 1:
        shown = frequent
    else:
        shown = frequent[np.argsort(-contributions(table[frequent[:_MOST_VALUES]]), kind="stable")][
            :MOST_GROUPS
        ]
    if numbers is None:
        shares = table[shown, 0] / table[shown].sum(axis=1)
        shown = shown[np.lexsort((-table[shown].sum(axis=1), -shares))]
    else:
        shown = np.sort(shown)
    listed = tuple(names[index] for index in shown)
    checks: list[Check] = [Is(name) for name in listed]
    left = len(names) - len(shown)
    if not left:
        return checks, table[shown], [1] * len(shown), score_table
    others = table.sum(axis=0) - table[shown].sum(axis=0)
    return [*checks, Other(listed)], np.vstack([table[shown], others]), [*[1] * len(shown), left], score_table
