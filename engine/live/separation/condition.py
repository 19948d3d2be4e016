"""Conditions on one part of a record: what a group of records has in common."""

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.fields.arrays import TIME, Array
from engine.fields.path import Path

Mask: TypeAlias = npt.NDArray[np.bool_]


class Part(Enum):
    """What records have beside fields: the name says it."""

    KEY = "key"
    PARTITION = "partition"
    LENGTH = "value length"
    FITS = "is of the format"


Subject: TypeAlias = Path | Part
"""A field, or a part of the record."""


class Check(ABC):
    """What a value is compared with."""

    @abstractmethod
    def mask(self, array: Array) -> Mask:
        """Which values of a column, as in `FieldArrays.columns`, it holds for."""


@dataclass(frozen=True, slots=True)
class Missing(Check):
    """There is no value, or it is null."""

    def mask(self, array: Array) -> Mask:
        return np.asarray(array.is_null())


@dataclass(frozen=True, slots=True)
class Is(Check):
    """The value is one text, or one number."""

    value: str | float

    def mask(self, array: Array) -> Mask:
        return _among(array, (self.value,))


@dataclass(frozen=True, slots=True)
class Other(Check):
    """There is a value, but none of some."""

    values: tuple[str | float, ...]

    def mask(self, array: Array) -> Mask:
        return np.asarray(array.is_valid()) & ~_among(array, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Check):
    """The value is a number, or a time in ms since the epoch, from `low` to below `high`, if given."""

    low: float | None
    high: float | None
    time: bool = False

    def mask(self, array: Array) -> Mask:
        numbers = numbers_of(array)
        found = ~np.isnan(numbers)
        if self.low is not None:
            found &= numbers >= self.low
        return found if self.high is None else found & (numbers < self.high)


@dataclass(frozen=True, slots=True)
class Contains(Check):
    """The value is a text with a word in it."""

    word: str

    def mask(self, array: Array) -> Mask:
        found: Any = pc.match_substring(as_text(array), self.word)
        return np.asarray(found.fill_null(False))


@dataclass(frozen=True, slots=True)
class Lacks(Check):
    """The value is not a text with a word in it."""

    word: str

    def mask(self, array: Array) -> Mask:
        return ~Contains(self.word).mask(array)


@dataclass(frozen=True, slots=True)
class Condition:
    """A check of a part of a record."""

    subject: Subject
    check: Check


def numbers_of(array: Array) -> npt.NDArray[np.float64]:
    """A column as numbers, times in milliseconds; NaN where there is none."""
    if pa.types.is_timestamp(array.type):
        array = array.cast(TIME).cast(pa.int64()).cast(pa.float64(), safe=False)
    if not pa.types.is_floating(array.type):
        return np.full(len(array), np.nan)
    return array.to_numpy(zero_copy_only=False)


def as_text(array: Array) -> Array:
    """A column as text."""
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


def text_of_keys(keys: Array) -> Array:
    """Keys as text: a key that is not UTF-8 is its hexadecimal digits."""
    with suppress(pa.ArrowInvalid):
        return keys.cast(pa.string())
    return pa.array([None if key is None else _key_text(key) for key in keys.to_pylist()], pa.string())


def lengths_of(values: Array) -> Array:
    """How many bytes values have; null for a tombstone."""
    lengths: Any = pc.binary_length(cast("pa.BinaryArray", values))
    found: Array = lengths.cast(pa.float64())
    return found


def _key_text(key: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return key.decode()
    return key.hex()


def _among(array: Array, values: tuple[str | float, ...]) -> Mask:
    if all(isinstance(value, str) for value in values):
        wanted: Any = pa.array(values, pa.string())
        found: Any = pc.is_in(as_text(array), value_set=wanted)
        return np.asarray(found)
    return np.isin(numbers_of(array), values)
