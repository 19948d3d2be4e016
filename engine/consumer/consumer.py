"""A consumer that pulls: a position in each partition of a topic, with at most one SmartStream."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.log import READ_RECORDS, Broker, Topic
from engine.errors import DamagedBatchError, DeletedTopicError, UnknownTopicError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Verdict, VerdictArray

EVALUATION_BUDGET = 0.05
"""Seconds that a poll evaluates before it returns what it has: a slow filter's records arrive early."""

NO_ENDS: Mapping[int, int] = MappingProxyType({})

_NO_END = 2**63 - 1
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Delivery:
    """Consecutive records of one partition, and what the SmartStream said of them."""

    batch: Batch
    evaluation: Evaluation | None
    """None where the consumer has no SmartStream: every record is delivered."""
    keeps_faulty: bool = False
    """Whether records are delivered that the SmartStream failed on."""

    @cached_property
    def passed(self) -> npt.NDArray[np.intp]:
        """The indices in `batch` of the records that are delivered, ascending."""
        if self.evaluation is None:
            return np.arange(len(self.batch))
        if self.keeps_faulty:
            verdicts = self.evaluation.verdicts
            return np.flatnonzero((verdicts != Verdict.DROP) & (verdicts != Verdict.PENDING))
        return self.evaluation.outputs.source

    @property
    def verdicts(self) -> VerdictArray:
        """The verdict on each record that is delivered."""
        if self.evaluation is None:
            return np.full(len(self.batch), Verdict.PASS, np.uint8)
        return self.evaluation.verdicts[self.passed]

    @property
    def records(self) -> pa.RecordBatch:
        """The records that are delivered; their offsets are `offsets`."""
        if len(self.passed) == len(self.batch):
            return self.batch.records
        return self.batch.records.take(self.passed)

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The offset of each delivered record, its own in the log."""
        return self.batch.offset_array()[self.passed]

    def first(self, count: int) -> "Delivery":
        """What there is up to the record that is delivered as the `count`th, where there are as many."""
        if len(self.passed) <= count:
            return self
        return self.until(int(self.passed[count - 1]) + 1 if count else 0)

    def until(self, index: int) -> "Delivery":
        """What there is of the records before an index."""
        evaluation = None if self.evaluation is None else self.evaluation.head(index)
        return Delivery(self.batch.slice(0, index), evaluation, self.keeps_faulty)


class Evaluate(Protocol):
    """A SmartStream, or what stands for one: see `SmartStream.evaluate`."""

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """Evaluate a batch, or its first records where `budget` seconds are spent."""

    @property
    def memory(self) -> int:
        """Bytes of memory that its instance has now; 0 where it has none."""


class Consumer:
    """Reads a topic from its positions on. Belongs to one thread."""

    def __init__(
        self,
        broker: Broker,
        topic: str | Topic,
        *,
        positions: Mapping[int, int],
        smartstream: Evaluate | None = None,
        keep_faulty: bool = False,
        ends: Mapping[int, int] = NO_ENDS,
        on_damage: Callable[[DamagedBatchError], None] | None = None,
    ) -> None:
        """`topic` is one by name, or as it was when `positions` were looked up: another one is not read.

        `ends` has the offset before which reading a partition ends, where it does.

        `keep_faulty` delivers also what the SmartStream fails on.

        `on_damage` is told of damaged records, which are then passed over; without it they are an error.
        """
        self._broker = broker
        self._topic = broker.topic(topic) if isinstance(topic, str) else topic
        self._on_damage = on_damage
        self._turns = deque(positions)
        self._ends = ends
        self._smartstream = smartstream
        self._keep_faulty = keep_faulty
        self._unevaluated: Batch | None = None
        self.positions = dict(positions)
        """The next offset of each partition that is read."""
        self.lost = 0
        """Records that were removed from the log before this consumer came to them."""
        self.damaged = 0
        """Records that were passed over because they are damaged."""

    def poll(self, timeout: float) -> Delivery | None:
        """The next records, waiting up to `timeout` seconds for some; None where none came.

        `ContractError` where the SmartStream breaks its contract, `DeletedTopicError` where the topic has
        been deleted, `DamagedBatchError` where records are damaged and nobody is to be told.
        """
        try:
            batch = self._unevaluated or self._await_batch(timeout)
        except DeletedTopicError:
            raise
        except UnknownTopicError as error:
            raise DeletedTopicError(self._topic.name) from error
        return None if batch is None else self._deliver(batch)

    def _await_batch(self, timeout: float) -> Batch | None:
        batch = self._read()
        if batch is None and self._broker.wait(self._topic.name, self._unfinished(), timeout):
            batch = self._read()
        if batch is None:
            self._check_topic()
        return batch

    def _check_topic(self) -> None:
        """Another topic of the same name has offsets of its own, which mean nothing here."""
        if self._broker.topic(self._topic.name) != self._topic:
            raise DeletedTopicError(
                self._topic.name, "there is another one of that name now: read that from its beginning"
            )

    @property
    def pending(self) -> int:
        """Records that were read and have no verdict yet."""
        return len(self._unevaluated or ())

    @property
    def finished(self) -> bool:
        """Whether everything before the ends of all partitions was handed over."""
        return self._unevaluated is None and not self._unfinished()

    def _unfinished(self) -> dict[int, int]:
        return {p: offset for p, offset in self.positions.items() if offset < self._ends.get(p, _NO_END)}

    def _read(self) -> Batch | None:
        for _ in range(len(self._turns)):
            partition = self._turns[0]
            self._turns.rotate(-1)
            batch = self._read_from(partition, self.positions[partition])
            if batch is not None:
                return batch
        return None

    def _read_from(self, partition: int, position: int) -> Batch | None:
        end = self._ends.get(partition, _NO_END)
        if position >= end:
            return None
        try:
            batch = self._broker.read(
                self._topic.name, partition, position, min(READ_RECORDS, end - position)
            )
        except DamagedBatchError as damage:
            self._pass_over(damage, position, end)
            return None
        if batch.next_offset <= position:
            return None
        self._check_topic()
        self.lost += min(batch.lost, end - position)
        self.positions[partition] = min(batch.next_offset, end)
        # Everything before the end may have been removed meanwhile.
        return batch.slice(0, batch.index_of(end)) if batch.first_offset < end and len(batch) else None

    def _pass_over(self, damage: DamagedBatchError, position: int, end: int) -> None:
        if self._on_damage is None:
            raise damage
        first, stop = (min(max(offset, position), end) for offset in (damage.start, damage.stop))
        self.lost += first - position
        self.damaged += stop - first
        self.positions[damage.partition] = stop
        _LOG.info("passed over: %s", damage)
        self._on_damage(damage)

    def _deliver(self, batch: Batch) -> Delivery:
        if self._smartstream is None:
            return Delivery(batch, None)
        self._unevaluated = batch
        evaluation = self._smartstream.evaluate(batch, budget=EVALUATION_BUDGET)
        evaluated = evaluation.evaluated
        self._unevaluated = batch.slice(evaluated, len(batch)) if evaluated < len(batch) else None
        return Delivery(batch.slice(0, evaluated), evaluation, self._keep_faulty)
