"""How much groups say about classes: mutual information, in nats, of tables with a row per group."""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Table: TypeAlias = npt.NDArray[np.float64]
"""How many records of each class (columns) are in each group (rows)."""


def table_of(groups: npt.NDArray[np.intp], count: int, classes: npt.NDArray[np.intp], kinds: int) -> Table:
    """Counts records by group and class; both are numbers from 0 on."""
    cells = np.bincount(groups * kinds + classes, minlength=count * kinds)
    return cells.reshape(count, kinds).astype(np.float64)


def entropy(counts: Table) -> npt.NDArray[np.float64]:
    """Of each row, the entropy of what it counts; 0 for an empty one."""
    totals = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=-1))


def separation(table: Table, records: int, choices: int = 1) -> float:
    """How much of the classes' entropy groups explain, from 0 to 1, by what was seen of this many records.

    Corrected as by Miller and Madow: groups with few records each seem to explain something by chance. So
    does the best of many `choices` of groups.
    """
    table = table[table.sum(axis=1) > 0]
    classes = table.sum(axis=0)
    whole = float(entropy(classes))
    if whole == 0 or not records:
        return 0.0
    within = float((table.sum(axis=1) * entropy(table)).sum() / classes.sum())
    chance = (len(table) - 1) * (np.count_nonzero(classes) - 1) / (2 * records)
    chance += math.log(choices) / records
    return max((whole - within - chance) / whole, 0.0)


def contributions(table: Table) -> npt.NDArray[np.float64]:
    """How much each group adds to the mutual information."""
    classes = table.sum(axis=0)
    sizes = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, sizes, out=np.zeros_like(table), where=sizes > 0)
    expected = classes / classes.sum()
    ratios = np.divide(shares, expected, out=np.ones_like(shares), where=(shares > 0) & (expected > 0))
    return np.asarray((shares * np.log(ratios)).sum(axis=1) * sizes[:, 0])
