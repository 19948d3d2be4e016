"""What a consumer delivers: the outputs of a batch, or its records."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.batch import Batch, joined
from engine.records.evaluation import Evaluation
from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Status, Verdict


class _Delivered(NamedTuple):
    inputs: npt.NDArray[np.intp]
    records: pa.RecordBatch
    verdicts: VerdictArray

    def first(self, count: int) -> "_Delivered":
        return _Delivered(self.inputs[:count], self.records.slice(0, count), self.verdicts[:count])


@dataclass(frozen=True, eq=False)
class Delivery:
    """Records of one partition, and what is delivered of them: all, or the outputs of their evaluation."""

    batch: Batch
    evaluation: Evaluation | None
    """None without a SmartStream: every record is delivered."""
    include_failed: bool = False
    """Whether records that the SmartStream failed on are delivered too, as they are."""
    limit: int | None = None
    """How many records are delivered at most; None for all."""
    inputs: int | None = None
    """How many records the broker evaluated to make the batch; None if it did not."""

    @cached_property
    def _delivered(self) -> _Delivered:
        found = self._all
        return found if self.limit is None else found.first(self.limit)

    @property
    def _all(self) -> _Delivered:
        evaluation, records = self.evaluation, self.batch.records
        if evaluation is None:
            return _passed(np.arange(len(self.batch)), records)
        outputs = _passed(evaluation.outputs.source, evaluation.outputs.records(records))
        return self._with_failed(outputs, evaluation) if self.include_failed else outputs

    def _with_failed(self, outputs: _Delivered, evaluation: Evaluation) -> _Delivered:
        """Each failed record is at its place: after what was made of it before."""
        status = evaluation.status
        failed = np.flatnonzero((status != int(Status.OK)) & (status != int(Status.PENDING)))
        if not len(failed):
            return outputs
        inputs = np.concatenate([outputs.inputs, failed])
        order = np.argsort(inputs, kind="stable")
        records = joined([outputs.records, self.batch.records.take(failed)])
        verdicts = np.concatenate([outputs.verdicts, status[failed]])
        return _Delivered(inputs[order], records.take(order), verdicts[order])

    @property
    def passed(self) -> npt.NDArray[np.intp]:
        """The index in `batch` of the input of each delivered record, non-decreasing."""
        return self._delivered.inputs

    @property
    def verdicts(self) -> VerdictArray:
        """Per delivered record: PASS for an output, otherwise that of the record."""
        return self._delivered.verdicts

    @property
    def records(self) -> pa.RecordBatch:
        """The delivered records."""
        return self._delivered.records

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The offset of each delivered record: that of its input."""
        return self.batch.offset_array()[self.passed]

    def first(self, count: int) -> "Delivery":
        """The same up to the `count`th delivered record, if there are as many.

        Its last input is part of it, also if that has further outputs.
        """
        if len(self.passed) <= count:
            return self
        return replace(self.until(int(self.passed[count - 1]) + 1 if count else 0), limit=count)

    def until(self, index: int) -> "Delivery":
        """The same for the records before an index."""
        evaluation = None if self.evaluation is None else self.evaluation.head(index)
        return replace(self, batch=self.batch.slice(0, index), evaluation=evaluation)


def _passed(inputs: npt.NDArray[np.intp], records: pa.RecordBatch) -> _Delivered:
    return _Delivered(inputs, records, np.full(len(inputs), Verdict.PASS, np.uint8))
