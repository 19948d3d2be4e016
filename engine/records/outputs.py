"""The records that an evaluation put out: a selection of its inputs, or new records."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.batch import Batch, joined

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


class Outputs(ABC):
    """Output records in the order of the inputs that they came from."""

    @property
    @abstractmethod
    def source(self) -> Indices:
        """The index of the input that each output came from, non-decreasing."""

    @abstractmethod
    def has_output(self, inputs: int) -> Mask:
        """For each of `inputs` input records, whether at least one output came from it."""

    @abstractmethod
    def records(self, inputs: pa.RecordBatch) -> pa.RecordBatch:
        """The output records; `inputs` are those that were evaluated."""

    @abstractmethod
    def head(self, inputs: int) -> Self:
        """The outputs of the first `inputs` inputs."""

    def batch(self, inputs: Batch) -> Batch:
        """The outputs as a batch, each at the offset of its input; `inputs` are those that were evaluated."""
        records = self.records(inputs.records)
        if records is inputs.records:
            return inputs
        return replace(inputs, records=records, offsets=inputs.offset_array()[self.source])


@dataclass(frozen=True, eq=False)
class Selection(Outputs):
    """The inputs that a filter passed, without copying them."""

    passed: Mask
    """One flag per input."""

    @cached_property
    def source(self) -> Indices:
        return np.flatnonzero(self.passed)

    def has_output(self, inputs: int) -> Mask:
        assert inputs == len(self.passed)
        return self.passed

    def records(self, inputs: pa.RecordBatch) -> pa.RecordBatch:
        return inputs if len(self.source) == inputs.num_rows else inputs.take(self.source)

    def head(self, inputs: int) -> "Selection":
        return Selection(self.passed[:inputs])


@dataclass(frozen=True, eq=False)
class Produced(Outputs):
    """New records that a SmartStream made."""

    produced: pa.RecordBatch
    sources: npt.NDArray[np.int32]
    """The input that each of `produced` came from, non-decreasing."""

    @cached_property
    def source(self) -> Indices:
        return self.sources.astype(np.intp)

    def has_output(self, inputs: int) -> Mask:
        found = np.zeros(inputs, np.bool_)
        found[self.sources] = True
        return found

    def records(self, inputs: pa.RecordBatch) -> pa.RecordBatch:  # noqa: ARG002 - a selection needs them
        return self.produced

    def head(self, inputs: int) -> "Produced":
        count = int(np.searchsorted(self.sources, inputs))
        return Produced(self.produced.slice(0, count), self.sources[:count])


def composed(first: Outputs, second: Outputs, inputs: int) -> Outputs:
    """The outputs of two steps as those of one: `second` evaluated the outputs of `first`.

    `inputs` is the number of records that `first` evaluated.
    """
    source = first.source[second.source]
    if isinstance(second, Produced):
        return Produced(second.produced, source.astype(np.int32))
    if isinstance(first, Produced):
        return Produced(first.produced.take(second.source), source.astype(np.int32))
    passed = np.zeros(inputs, np.bool_)
    passed[source] = True
    return Selection(passed)


def joined_outputs(first: Outputs, second: Outputs, inputs: int) -> Outputs:
    """The outputs of two consecutive batches as those of one; `inputs` is the length of the first batch.

    A selection of nothing, such as that of a batch that is pending, joins with produced records.
    """
    if isinstance(first, Selection) and isinstance(second, Selection):
        return Selection(np.concatenate([first.passed, second.passed]))
    parts = [(one, shift) for one, shift in ((first, 0), (second, inputs)) if len(one.source)]
    made = [(one, one.sources + np.int32(shift)) for one, shift in parts if isinstance(one, Produced)]
    if len(made) < len(parts):
        raise TypeError("a selection and produced records cannot be joined: they come from different kinds")
    if not made:
        return first if isinstance(first, Produced) else second
    return Produced(
        joined([one.produced for one, _ in made]), np.concatenate([sources for _, sources in made])
    )
