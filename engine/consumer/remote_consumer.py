"""A consumer whose SmartStreams run beside the log: only their outputs come over the network."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from engine.broker.broker import Broker
from engine.broker.log import NO_ENDS
from engine.broker.remote_evaluation import (
    RemoteEvaluation,
    RemoteOutputs,
    RemoteReader,
    RemoteRefusedError,
    RemoteStop,
)
from engine.broker.topics import Topic
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.consumer.remote_chain import RemoteChain
from engine.errors import BrokerUnreachableError, DamagedBatchError
from engine.records.batch import TimeRange

_NO_END = 2**63 - 1
_FEW = 16_384
"""Records that the broker evaluates between two stops, if they come often."""
_FIRST_STRETCH, _LONGEST_STRETCH = 4_096, 1 << 20
"""Records that are evaluated here after stops that come often: twice as many each time."""
_LOG = logging.getLogger(__name__)

OnSwitch = Callable[[RemoteChain, RemoteRefusedError | None], None]
"""Gets a version that the broker runs from now on, or does not run, and why."""


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What a consumer has read."""

    received: int = 0
    """Bytes that the broker sent of outputs."""
    evaluated: int = 0
    """Records that the broker evaluated."""
    evaluated_here: int = 0


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """Records of a partition that are evaluated here, up to an offset."""

    partition: int
    consumer: Consumer
    end: int


class RemoteConsumer:
    """Delivers what a `Consumer` does, in the same order. Belongs to one thread."""

    def __init__(
        self,
        broker: Broker,
        remote: RemoteEvaluation,
        topic: Topic,
        chain: RemoteChain,
        *,
        positions: Mapping[int, int],
        ends: Mapping[int, int] = NO_ENDS,
        include_failed: bool = False,
        times: TimeRange | None = None,
        on_damage: Callable[[DamagedBatchError], None] | None = None,
        newer: Callable[[], RemoteChain | None] = lambda: None,
        on_switch: OnSwitch = lambda _chain, _error: None,
    ) -> None:
        """Parameters as for `Consumer`; `newer` gives a chain that is to replace the one that runs."""
        self._broker = broker
        self._remote = remote
        self._topic = topic
        self._chain = chain
        self._waiting: RemoteChain | None = None
        """The chain that the broker is starting."""
        self._ends = ends
        self._include_failed = include_failed
        self._times = times
        self._on_damage = on_damage
        self._newer = newer
        self._on_switch = on_switch
        self._stretch: _Stretch | None = None
        self._sizes: dict[int, int] = {}
        self._since_stop: dict[int, int] = {}
        self._accumulators = dict(chain.accumulators(positions))
        self.positions = dict(positions)
        self.traffic = Traffic()
        self.lost = 0
        self.damaged = 0
        self._reader = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the chain too."""
        self._end_stretch()
        self._reader.close()
        for chain in filter(None, (self._chain, self._waiting)):
            chain.here.close()

    def reopen(self, topic: Topic, positions: Mapping[int, int]) -> None:
        """As `TopicConsumer.reopen`. Aggregates continue."""
        self._end_stretch()
        self._reader.close()
        self._topic, self.positions = topic, dict(positions)
        self._accumulators = {**self._chain.accumulators(positions), **self._accumulators}
        self._reader = self._opened()
        if self._waiting is not None:
            self._start(self._waiting)

    def poll(self, timeout: float) -> Delivery | None:
        """The next outputs, waiting up to `timeout` seconds for some; None if none came.

        `RemoteRefusedError` if the broker does not run the first chain. Otherwise as `Consumer.poll`.
        """
        self._replace()
        if self._stretch is None:
            found = self._read(timeout)
            if found is None:
                return None
            if isinstance(found, RemoteOutputs):
                return self._delivery(found)
            self._begin_stretch(found)
        return self._evaluated_here(timeout)

    @property
    def pending(self) -> int:
        return self._stretch.consumer.pending if self._stretch else 0

    @property
    def delivered(self) -> dict[int, int]:
        """The offset of each partition before which everything was delivered."""
        return self.positions

    @property
    def finished(self) -> bool:
        """Whether everything before the ends of all partitions was delivered."""
        return all(offset >= self._end(partition) for partition, offset in self.positions.items())

    @property
    def memory(self) -> int:
        """Of the chain that is here, in bytes."""
        return self._chain.here.memory

    def _opened(self) -> RemoteReader:
        return self._remote.open(
            self._topic,
            self.positions,
            self._chain.steps,
            accumulators=self._accumulators,
            ends=self._ends,
        )

    def _read(self, timeout: float) -> RemoteOutputs | RemoteStop | None:
        try:
            found = self._reader.read(timeout)
        except RemoteRefusedError as error:
            refused, self._waiting = self._waiting, None
            if refused is None:
                raise
            refused.here.close()
            self._on_switch(refused, error)
            return None
        if self._waiting is not None and not self._reader.replacing:
            self._chain.here.close()
            self._chain, self._waiting = self._waiting, None
            self._accumulators = dict(self._chain.accumulators(self.positions))
            self._on_switch(self._chain, None)
        return found

    def _replace(self) -> None:
        chain = self._newer()
        if chain is not None:
            if self._waiting is not None:
                self._waiting.here.close()
            self._waiting = chain
            self._start(chain)

    def _start(self, chain: RemoteChain) -> None:
        self._reader.replace(chain.steps, chain.accumulators(self.positions))

    def _delivery(self, found: RemoteOutputs) -> Delivery:
        batch = found.batch
        evaluated = batch.next_offset - found.start
        self.positions[batch.partition] = batch.next_offset
        self.traffic.received += found.received
        self.traffic.evaluated += evaluated
        self._since_stop[batch.partition] = self._since_stop.get(batch.partition, _FEW) + evaluated
        if self._chain.fold is not None and len(batch):
            self._accumulators[batch.partition] = batch.records.column("value")[len(batch) - 1].as_py()
        # By the time of their inputs, which outputs keep.
        chosen = batch if self._times is None else batch.within(self._times)
        return Delivery(chosen, None, inputs=evaluated)

    # ---- Here ---------------------------------------------------------------------------------------------

    def _begin_stretch(self, stop: RemoteStop) -> None:
        partition = stop.partition
        often = self._since_stop.get(partition, _FEW) < _FEW
        size = min(max(2 * self._sizes.get(partition, 0), _FIRST_STRETCH), _LONGEST_STRETCH) if often else 0
        self._sizes[partition], self._since_stop[partition] = size, 0
        end = min(max(stop.until, self._held(partition, stop.position + size)), self._end(partition))
        _LOG.info("evaluating %s to %s of partition %s here: %s", stop.position, end, partition, stop.problem)
        fold = self._chain.fold
        if fold is not None and stop.accumulator is not None:
            fold.accumulators[partition] = stop.accumulator
        consumer = Consumer(
            self._broker,
            self._topic,
            positions={partition: stop.position},
            ends={partition: end},
            smartstream=self._chain.here,
            include_failed=self._include_failed,
            times=self._times,
            on_damage=self._on_damage,
        )
        self._stretch = _Stretch(partition=partition, consumer=consumer, end=end)

    def _held(self, partition: int, until: int) -> int:
        """An offset, or the end of the partition if that comes first: no stretch waits for new records."""
        try:
            return min(until, self._broker.log.offsets(self._topic.name)[partition].end)
        except BrokerUnreachableError:
            return 0

    def _evaluated_here(self, timeout: float) -> Delivery | None:
        stretch = self._stretch
        assert stretch is not None
        delivery = stretch.consumer.poll(timeout)
        if delivery is not None:
            self.positions[stretch.partition] = delivery.batch.next_offset
            self.traffic.evaluated_here += len(delivery.batch)
        if stretch.consumer.finished:
            self._end_stretch()
            self.positions[stretch.partition] = stretch.end
            accumulator = self._accumulators.get(stretch.partition)
            self._reader.go_on(stretch.partition, stretch.end, accumulator)
        return delivery

    def _end_stretch(self) -> None:
        stretch, self._stretch = self._stretch, None
        if stretch is not None:
            self.lost += stretch.consumer.lost
            self.damaged += stretch.consumer.damaged
            stretch.consumer.close()
            if (fold := self._chain.fold) is not None:
                self._accumulators[stretch.partition] = fold.accumulators[stretch.partition]

    def _end(self, partition: int) -> int:
        return self._ends.get(partition, _NO_END)
