"""The seam of formats: how the fields of a value are found."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypeAlias

from engine.fields.path import Path
from engine.fields.scalar import Scalar

Fields: TypeAlias = Mapping[Path, Scalar]
"""The leaves of a value, in its order."""

LARGEST_VALUE = 256 << 10
"""Bytes of a value that is taken apart: a larger one is only text or binary."""
MOST_FIELDS = 1_000
"""Of one value; what comes after them is left out."""


class Format(ABC):
    """A way to take values apart. Immutable, and no value makes it raise."""

    name: str
    """What `--format` calls it, in full: with the columns of a CSV file, or the user's regular expression."""

    @abstractmethod
    def fields(self, value: bytes) -> Fields | None:
        """The leaves of a value, in its order; None if it is not of this format."""


def text_of(value: bytes) -> str | None:
    """A value as text; None if it is not UTF-8, or larger than `LARGEST_VALUE`."""
    if len(value) > LARGEST_VALUE:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
