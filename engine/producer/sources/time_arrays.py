"""Times in many lines at once: Arrow finds and parses them itself, without the GIL."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.time_forms import FORMS
from engine.timestamps import EPOCHS, SECOND, TimestampParser

TimeTexts = Callable[[Sequence[bytes | None]], list[str | None]]
"""The text of the time in each of some values; None for one without."""

_GROUP = "time"
_SHAPES = (*(form.shape for form in FORMS), r"\d{10,19}(?:\.\d{1,9})?")
"""Times as logs write them, and numbers since the epoch."""
_CONTEXT = 16
"""Bytes before a time that tell it from others."""
_QUARTER_MS = 900_000
"""Zones change their offset at a multiple of it."""
_QUARTER = timedelta(milliseconds=_QUARTER_MS)
_EPOCH = datetime(1970, 1, 1)


def time_pattern(sample: Sequence[bytes | None], texts: Sequence[str | None]) -> str | None:
    """A regular expression that finds exactly these texts of times in a sample of lines, for `TimesFound`.

    It names the place in the line if that is always the same, or else what is always before the time. None
    if there is no such expression.
    """
    pairs = zip(sample, texts, strict=True)
    before = [line.partition(text.encode(errors="replace"))[0] for line, text in pairs if line and text]
    place = _place(before)
    lines = pa.array(sample, pa.binary())
    for shape in _SHAPES:
        pattern = f"{place}(?P<{_GROUP}>{shape})"
        with suppress(pa.ArrowInvalid):  # RE2 counts to 1,000 at most
            if _found(lines, pattern).to_pylist() == [*texts]:
                return pattern
    return None


def _place(before: Sequence[bytes]) -> str:
    """What matches the places after some bytes: their number, or how all of them end."""
    if len({*map(len, before)}) == 1:
        return rf"(?s)\A.{{{len(before[0])}}}"
    backwards = zip(*(part[: -_CONTEXT - 1 : -1] for part in before), strict=False)
    common = bytes(of_all[0] for of_all in takewhile(lambda of_all: len({*of_all}) == 1, backwards))
    return re.escape(common[::-1].decode("ascii", "ignore"))


class TimesFound:
    """Finds the time in each line and parses it, as `TimestampParser` does."""

    def __init__(self, pattern: str, texts: TimeTexts, now_ms: int) -> None:
        """`pattern` is of `time_pattern`; `texts` is asked for lines in which it finds nothing."""
        self._pattern = pattern
        self._texts = texts
        self._parser = TimestampParser(now_ms)

    def __call__(self, lines: pa.BinaryArray) -> "pa.Array[Any]":
        """Milliseconds since the epoch (int64) for each line; null for one without a time."""
        texts = _found(lines, self._pattern).dictionary_encode()
        times: Any = self._milliseconds(texts.dictionary).take(texts.indices)
        other = texts.is_null()
        if not pc.any(other).as_py():
            return cast("pa.Array[Any]", times)
        found = self._parsed(self._texts(lines.filter(other).to_pylist()))
        return cast("pa.Array[Any]", pc.replace_with_mask(times, other, found))

    def _milliseconds(self, texts: Any) -> Any:
        for at_once in (_numbers, _iso):
            with suppress(pa.ArrowInvalid):
                return pa.array(at_once(texts))
        return self._parsed(texts.to_pylist())

    def _parsed(self, texts: Iterable[str | None]) -> "pa.Array[Any]":
        return pa.array([None if text is None else self._parser.parse(text) for text in texts], pa.int64())


def _found(lines: pa.BinaryArray, pattern: str) -> Any:
    matches: Any = pc.extract_regex(lines, pattern)
    # A line without a match is null, but has an empty text inside.
    found: Any = pc.if_else(matches.is_valid(), matches.field(_GROUP), None)
    return found.cast(pa.string())


def _numbers(texts: Any) -> npt.NDArray[np.int64]:
    """Numbers since the epoch, in milliseconds; `ArrowInvalid` unless all are numbers."""
    numbers = texts.cast(pa.float64()).to_numpy()
    units = np.select([numbers >= least for least, _ in EPOCHS], [unit for _, unit in EPOCHS], SECOND)
    return np.asarray(np.rint(numbers * units), np.int64)


def _iso(texts: Any) -> npt.NDArray[np.int64]:
    """Times in ISO 8601, in milliseconds; `ArrowInvalid` unless all have a zone, or none has."""
    points: Any = pc.replace_substring(texts, ",", ".")
    with suppress(pa.ArrowInvalid):
        return _utc(_rounded(points.cast(pa.timestamp("ns"))))
    return _rounded(points.cast(pa.timestamp("ns", "UTC")))


def _rounded(times: Any) -> npt.NDArray[np.int64]:
    nanoseconds: npt.NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    return (nanoseconds + 500_000) // 1_000_000


def _utc(local: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Milliseconds since the epoch, of local times in milliseconds."""
    quarters, where = np.unique(local // _QUARTER_MS, return_inverse=True)
    offsets = [
        round((_EPOCH + quarter * _QUARTER).timestamp() * 1000) - quarter * _QUARTER_MS
        for quarter in quarters.tolist()
    ]
    return local + np.array(offsets, np.int64)[where]
