"""Finds the records of a group: those whose field passes a check."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from engine.fields.arrays import Array
from engine.fields.format import Format
from engine.live.separation.condition import Condition, Part, lengths_of, text_of_keys
from engine.live.window.matcher import Matcher, Rows
from engine.records.batch import Batch


class FieldMatcher(Matcher):
    """Matches records that meet a condition."""

    def __init__(self, format: Format, condition: Condition, sample: Sequence[bytes]) -> None:
        """`sample` has the field, if it is one."""
        super().__init__()
        subject = condition.subject
        self.condition = condition
        self._reader = format.reader(sample, only=subject if isinstance(subject, tuple) else ())

    def matching(self, batch: Batch) -> Rows:
        return np.flatnonzero(self.condition.check.mask(self._column(batch)))

    def _column(self, batch: Batch) -> Array:
        values = batch.records.column("value")
        match self.condition.subject:
            case Part.KEY:
                return text_of_keys(batch.records.column("key"))
            case Part.PARTITION:
                return pa.array([str(batch.partition)] * len(batch), pa.string())
            case Part.LENGTH:
                return lengths_of(values)
            case Part.FITS:
                return pa.array(np.where(self._reader(values).fits, "yes", "no"))
            case path:
                columns = self._reader(values).columns
                return columns[path] if path in columns else _missing(len(batch))


def _missing(count: int) -> Array:
    return pa.array([None] * count, pa.string())
