"""Texts that nearly all differ, by the word that says most about their verdicts."""

import re
from collections import Counter

import numpy as np
import numpy.typing as npt

from engine.fields.arrays import Array
from engine.live.separation.condition import Contains, Lacks
from engine.live.separation.groups import Group, Grouped
from engine.live.separation.information import Table, separation, table_of
from engine.live.separation.ranges import Classes

_WORD = re.compile(r"[^\W\d_][\w-]{2,39}")
_TEXTS, _CHARACTERS, _CANDIDATES = 2_000, 1_000, 5
"""How many texts give words, how much of the start of each, and how many words are counted in all texts."""


def worded(column: Array, classes: Classes, weights: npt.NDArray[np.float64]) -> Grouped | None:
    """The records of a column with the word that separates best, and those without it; see `grouped`."""
    sample = np.unique(np.linspace(0, len(column) - 1, min(_TEXTS, len(column))).astype(int))
    words = _counted(column.take(sample).to_pylist(), classes[sample])
    totals = np.bincount(classes[sample], minlength=3)[:3] * weights
    scores = {
        word: separation(_split(counts * weights, totals), len(sample)) for word, counts in words.items()
    }
    likely = sorted(scores, key=lambda word: -scores[word])[:_CANDIDATES]
    every = np.bincount(classes, minlength=3)[:3] * weights
    tables = {word: _split(_having(column, word, classes) * weights, every) for word in likely}
    if not tables:
        return None
    best = max(tables, key=lambda word: separation(tables[word], len(classes)))
    inside, outside = (
        (int(row[0]), int(row[1]), int(row[2])) for row in np.rint(tables[best]).astype(int).tolist()
    )
    return Grouped(
        groups=(Group(check=Contains(best), counts=inside), Group(check=Lacks(best), counts=outside)),
        score=separation(tables[best], len(classes), choices=len(words)),
    )


def _counted(texts: list[str | None], classes: Classes) -> dict[str, npt.NDArray[np.intp]]:
    """In how many texts of each class each word is."""
    counts: Counter[tuple[str, int]] = Counter()
    for text, kind in zip(texts, classes.tolist(), strict=True):
        counts.update((word, kind) for word in set(_WORD.findall((text or "")[:_CHARACTERS])))
    words = {word for word, _ in counts}
    return {word: np.array([counts[word, kind] for kind in range(3)]) for word in words}


def _having(column: Array, word: str, classes: Classes) -> npt.NDArray[np.float64]:
    mask = Contains(word).mask(column)
    return np.asarray(table_of(mask.astype(np.intp), 2, classes, 3)[1])


def _split(inside: npt.NDArray[np.float64], every: npt.NDArray[np.float64]) -> Table:
    return np.vstack([inside, np.maximum(every - inside, 0)])
