"""A consumer that pulls: a position in each partition of a topic, with at most one SmartStream."""

import logging
from collections.abc import Callable, Mapping
from typing import Self

from engine.broker.broker import Broker
from engine.broker.log import NO_ENDS
from engine.broker.topics import Topic
from engine.consumer.delivery import Delivery
from engine.errors import DamagedBatchError
from engine.records.batch import Batch, TimeRange
from engine.records.transform import Transform

EVALUATION_BUDGET = 0.05
"""Seconds of evaluation before a poll returns what it has, so that a slow filter's records arrive early."""

_NO_END = 2**63 - 1
_LOG = logging.getLogger(__name__)


class Consumer:
    """Reads a topic from its positions on. Belongs to one thread."""

    def __init__(
        self,
        broker: Broker,
        topic: str | Topic,
        *,
        positions: Mapping[int, int],
        smartstream: Transform | None = None,
        include_failed: bool = False,
        ends: Mapping[int, int] = NO_ENDS,
        times: TimeRange | None = None,
        on_damage: Callable[[DamagedBatchError], None] | None = None,
    ) -> None:
        """`topic` is a name, or the topic as it was when `positions` were found; no other is read.

        `ends` has the offset at which reading a partition ends, if it does. `include_failed` delivers also
        records that the SmartStream fails on. Records outside of `times` are passed over. `on_damage` is
        called for damaged records, which are then skipped; without it they are an error.
        """
        found = broker.topics.get(topic) if isinstance(topic, str) else topic
        self._log = broker.log
        self._reader = broker.log.open(found, positions, ends=ends)
        self._times = times
        self._on_damage = on_damage
        self._ends = ends
        self._smartstream = smartstream
        self._include_failed = include_failed
        self._unevaluated: Batch | None = None
        self.positions = dict(positions)
        self.lost = 0
        """Offsets that were removed from the log before this consumer read them."""
        self.damaged = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._reader.close()

    def reopen(self, topic: Topic, positions: Mapping[int, int]) -> None:
        """Read another topic or other partitions from now on; what is read but not delivered is forgotten."""
        self._reader.close()
        self._unevaluated = None
        self._reader = self._log.open(topic, positions, ends=self._ends)
        self.positions = dict(positions)

    def poll(self, timeout: float) -> Delivery | None:
        """The next records, waiting up to `timeout` seconds for some; None if none came.

        `ContractError` if the SmartStream breaks its contract, `DeletedTopicError` if the topic was deleted,
        `DamagedBatchError` if records are damaged and there is no `on_damage`.
        """
        batch = self._unevaluated or self._read(timeout)
        if batch is None:
            return None
        if self._smartstream is None:
            return Delivery(batch, None)
        self._unevaluated = batch
        evaluation = self._smartstream.evaluate(batch, budget=EVALUATION_BUDGET)
        evaluated = evaluation.evaluated
        self._unevaluated = batch.slice(evaluated, len(batch)) if evaluated < len(batch) else None
        return Delivery(
            batch.slice(0, evaluated), evaluation.head(evaluated), include_failed=self._include_failed
        )

    def _read(self, timeout: float) -> Batch | None:
        try:
            batch = self._reader.read(timeout)
        except DamagedBatchError as damage:
            self._skip(damage)
            return None
        if batch is None:
            return None
        self.lost += batch.lost
        self.positions[batch.partition] = batch.next_offset
        if self._times is not None:
            # By time, not by offset: timestamps need not rise.
            batch = batch.within(self._times)
        return batch if len(batch) else None

    @property
    def memory(self) -> int | None:
        """Of the SmartStream, in bytes; None without one."""
        return None if self._smartstream is None else self._smartstream.memory

    @property
    def pending(self) -> int:
        return len(self._unevaluated or ())

    @property
    def delivered(self) -> dict[int, int]:
        """The offset of each partition before which everything was delivered."""
        left = self._unevaluated
        return self.positions if left is None else {**self.positions, left.partition: left.first_offset}

    @property
    def finished(self) -> bool:
        """Whether everything before the ends of all partitions was delivered."""
        return self._unevaluated is None and all(
            offset >= self._ends.get(partition, _NO_END) for partition, offset in self.positions.items()
        )

    def _skip(self, damage: DamagedBatchError) -> None:
        if self._on_damage is None:
            raise damage
        position, end = self.positions[damage.partition], self._ends.get(damage.partition, _NO_END)
        self.positions[damage.partition] = min(damage.stop, end)
        self.damaged += self.positions[damage.partition] - max(damage.start, position)
        _LOG.info("skipped: %s", damage)
        self._on_damage(damage)
