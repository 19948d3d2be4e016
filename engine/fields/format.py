"""The seam of formats: how the fields of a value are found."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.fields.path import Path
from engine.fields.scalar import Fields

if TYPE_CHECKING:
    import pyarrow as pa

    from engine.fields.arrays import FieldArrays


FieldReader: TypeAlias = Callable[["pa.Array[Any]"], "FieldArrays"]
"""Takes an array of binary."""

LARGEST_VALUE = 256 << 10
"""Bytes of a value that is taken apart: a larger one is only text or binary."""
MOST_FIELDS = 1_000
"""Of one value; what comes after them is left out."""


class Format(ABC):
    """A way to take values apart. Immutable, and no value makes it raise."""

    name: str
    """What `--format` calls it, in full: with the columns of a CSV file, or the user's regular expression."""

    decodes: bool = False
    """Whether values are shown as something else than their bytes."""

    @abstractmethod
    def fields(self, value: bytes) -> Fields | None:
        """The leaves of a value, in its order; None if it is not of this format."""

    def reader(self, sample: Sequence[bytes], only: Path | None = None) -> "FieldReader":  # noqa: ARG002
        """Reads fields of many values at once, at least those that a sample has; or `only` one of them."""
        from engine.fields.arrays import one_by_one

        return one_by_one(self.fields)

    def shown(self, value: bytes) -> bytes:
        """What stands for a value on the screen and in searches: JSON if it is decoded, or else itself."""
        return value

    def shown_array(self, values: "pa.Array[Any]") -> "pa.Array[Any]":
        """The same for an array of binary; not while drawing, since it may wait for schemas."""
        return values

    def decoded(self, value: bytes) -> bytes | None:  # noqa: ARG002
        """The JSON that a decoder makes of a value, waiting for its schema; None if none does."""
        return None

    def about(self, value: bytes) -> str:  # noqa: ARG002
        """What else is known of a value, such as its schema, in words; or empty."""
        return ""


def text_of(value: bytes) -> str | None:
    """A value as text; None if it is not UTF-8, or larger than `LARGEST_VALUE`."""
    if len(value) > LARGEST_VALUE:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
