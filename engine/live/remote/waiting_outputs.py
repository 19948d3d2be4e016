"""Outputs that came from the broker, until the window has the records that they were made of."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.consumer.delivery import Delivery
from engine.records.batch import Batch, concatenated
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.outputs import Produced
from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Status, Verdict


class _Failed(NamedTuple):
    offset: int
    verdict: Verdict
    fault: Fault | None


class WaitingOutputs:
    """Outputs and failures by the offsets of their inputs. Belongs to one thread."""

    def __init__(self, *, makes_records: bool) -> None:
        """Without `makes_records`, outputs are the records themselves: all steps are filters."""
        self._makes_records = makes_records
        self._outputs: dict[int, list[Batch]] = defaultdict(list)
        self._failed: dict[int, list[_Failed]] = defaultdict(list)
        self.reached: Mapping[int, int] = {}
        """By partition, the offset before which everything was evaluated."""

    @property
    def bytes(self) -> int:
        """Of all that waits."""
        return sum(one.records.nbytes for waiting in self._outputs.values() for one in waiting)

    def add(self, delivery: Delivery) -> None:
        """What was made of records, after all that was made of records before them."""
        batch, evaluation = delivery.batch, delivery.evaluation
        if len(delivery.passed):
            made = Batch(
                partition=batch.partition,
                records=delivery.records,
                offsets=delivery.offsets,
                next_offset=batch.next_offset,
            )
            self._outputs[batch.partition].append(made)
        if evaluation is not None:
            faults = {fault.index: fault for fault in evaluation.faults}
            status = evaluation.status
            failed = np.flatnonzero((status != int(Status.OK)) & (status != int(Status.PENDING)))
            self._failed[batch.partition] += [
                _Failed(batch.offset(index), Verdict(int(status[index])), faults.get(index))
                for index in map(int, failed)
            ]

    def take(self, batch: Batch) -> Evaluation:
        """What was made of the first records of a batch; the others are pending. No batch comes again."""
        count = batch.index_of(self.reached.get(batch.partition, 0))
        verdicts = np.full(len(batch), Verdict.PENDING, np.uint8)
        verdicts[:count] = Verdict.DROP
        made = self._made(batch.slice(0, count), verdicts)
        faults = tuple(self._faults(batch.slice(0, count), verdicts))
        return Evaluation.of_results(verdicts, made, evaluated=count, faults=faults)

    def _made(self, batch: Batch, verdicts: VerdictArray) -> Produced | None:
        found = self._taken(batch)
        sources = np.searchsorted(batch.offset_array(), found.offset_array()) if found else np.empty(0, int)
        verdicts[sources] = Verdict.PASS
        if not self._makes_records:
            return None
        records = batch.records.slice(0, 0) if found is None else found.records
        return Produced(records, sources.astype(np.int32))

    def _taken(self, batch: Batch) -> Batch | None:
        """The outputs of a batch. Those of records before it are dropped: these have left the window."""
        waiting = self._outputs.pop(batch.partition, [])
        if not waiting or not len(batch):
            self._outputs[batch.partition] = waiting
            return None
        every = concatenated(*waiting) if len(waiting) > 1 else waiting[0]
        start, stop = every.index_of(batch.first_offset), every.index_of(batch.offset(len(batch) - 1) + 1)
        if stop < len(every):
            self._outputs[batch.partition] = [every.slice(stop, len(every))]
        return every.slice(start, stop) if start < stop else None

    def _faults(self, batch: Batch, verdicts: VerdictArray) -> list[Fault]:
        waiting = self._failed.pop(batch.partition, [])
        faults, end = [], batch.offset(len(batch) - 1) + 1 if len(batch) else 0
        for one in waiting:
            index = batch.index_of(one.offset)
            if index < len(batch) and batch.offset(index) == one.offset:
                verdicts[index] = one.verdict
                if one.fault is not None:
                    faults.append(replace(one.fault, index=index))
        if left := [one for one in waiting if one.offset >= end]:
            self._failed[batch.partition] = left
        return faults
