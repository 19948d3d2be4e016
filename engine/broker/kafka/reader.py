"""Following the partitions of a topic."""

import time
from collections import deque
from dataclasses import dataclass, field, replace

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from engine.broker.kafka import settings
from engine.broker.kafka.clients import SLICE, Clients
from engine.broker.kafka.damage import damage_end
from engine.broker.kafka.decode import batch_of, by_partition, no_collection
from engine.broker.kafka.errors import REFUSED, UNKNOWN_TOPIC, broker_error
from engine.broker.kafka.offsets import MAX_OFFSET, clamped, offset_ranges
from engine.broker.kafka.topic_watch import TopicWatch
from engine.broker.log import Positions, Reader
from engine.broker.topics import Topic
from engine.errors import BrokerError, DamagedBatchError
from engine.records.batch import Batch, concatenated, record_batch
from engine.records.sizes import within

MOST_MESSAGES = 2_048
"""Messages that are taken from the client at once: longer lists take more time for each."""
FETCH_SECONDS = 2.0
"""How long a read waits at least for what is there already."""
QUIET_SECONDS = 0.05
"""If no records come for this time, another topic may have taken the name of this one."""
PARKED_SECONDS = 0.2
"""How often it is looked whether a partition has come to a position that was after its end."""


@dataclass(slots=True)
class Taken:
    """What is taken from the client, by partition."""

    batches: dict[int, list[Batch]] = field(default_factory=dict)
    records: int = 0
    bytes: int = 0

    def add(self, batch: Batch) -> None:
        self.batches.setdefault(batch.partition, []).append(batch)
        self.records += len(batch)
        self.bytes += batch.records.get_total_buffer_size()


class KafkaReader(Reader):
    """A `Reader` of a cluster, with a consumer of its own that fetches ahead."""

    def __init__(
        self,
        clients: Clients,
        topic: Topic,
        positions: Positions,
        ends: Positions,
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._clients = clients
        self._topic = topic
        self._positions = {p: clamped(offset) for p, offset in positions.items()}
        self._ends = {p: clamped(ends.get(p, MAX_OFFSET)) for p in positions}
        self._max_records = max(max_records, 1)
        self._max_bytes = max_bytes
        self._watch = TopicWatch(clients, topic)
        self._ready: deque[Batch | DamagedBatchError] = deque()
        self._astray: dict[int, float] = {}
        """Partitions whose position they do not hold, and when to look for it again."""
        self._arrived = 0.0
        self._interrupted = False
        self._consumer: Consumer = clients.consumer(settings.CONSUMER)
        self._fetched = {p for p, offset in self._positions.items() if offset < self._ends[p]}
        self._at_end = {*self._positions} - self._fetched
        self._consumer.assign([self._place(p) for p in self._fetched])

    def read(self, timeout: float) -> Batch | None:
        self._clients.check_open()
        deadline = time.monotonic() + timeout
        try:
            while not self._interrupted and not self._clients.closed:
                if self._ready:
                    return self._next()
                left = deadline - time.monotonic()
                if left <= (0 if self._caught_up else -FETCH_SECONDS):
                    break
                self._look()
                if not self._ready:
                    self._fetch(min(max(left, SLICE / 10), SLICE))
            return None
        finally:
            self._interrupted = False

    def _next(self) -> Batch:
        found = self._ready.popleft()
        if isinstance(found, DamagedBatchError):
            raise found
        return found

    def interrupt(self) -> None:
        self._interrupted = True

    def close(self) -> None:
        self._watch.close()
        self._consumer.close()

    @property
    def _caught_up(self) -> bool:
        return len(self._at_end) == len(self._positions)

    def _place(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topic.name, partition, self._positions[partition])

    def _look(self) -> None:
        """Whether the topic is still there, and whether lost partitions are found again."""
        self._clients.check_accepted()
        self._watch.look(self._positions)
        due = [p for p, at in self._astray.items() if at <= time.monotonic()]
        if due:
            self._find(due)

    def _fetch(self, wait: float) -> None:
        first = self._consumer.poll(wait)
        if first is not None:
            with no_collection():
                self._take_all(first)

    def _take_all(self, first: Message) -> None:
        """Take what is there. Its many messages are gone before they could be collected."""
        most = min(self._max_records, MOST_MESSAGES)
        messages = [first, *(self._consumer.consume(most - 1, 0) if most > 1 else ())]
        # Large batches are evaluated faster, and long lists are decoded more slowly.
        taken = Taken()
        while True:
            errors = [one for one in messages if one.error()] if any(map(Message.error, messages)) else []
            self._decode([one for one in messages if one.error() is None] if errors else messages, taken)
            full = taken.records + most > self._max_records or taken.bytes >= self._max_bytes
            if errors or full or len(messages) < most:
                break
            messages = self._consumer.consume(most, 0)
        for partition, batches in taken.batches.items():
            self._at_end.discard(partition)
            self._add(concatenated(*batches))
        for message in errors:
            self._on_error(message)

    def _decode(self, messages: list[Message], taken: Taken) -> None:
        if not messages:
            return
        quiet, self._arrived = time.monotonic() - self._arrived, time.monotonic()
        if quiet > QUIET_SECONDS:
            self._watch.confirm()
        self._clients.monitor.answered()
        only = next(iter(self._fetched)) if len(self._fetched) == 1 else None
        for partition, run in [(only, messages)] if only is not None else by_partition(messages):
            taken.add(batch_of(partition, run))

    def _add(self, batch: Batch) -> None:
        """Make records ready, as far as they are to be read, in batches within the limits."""
        partition, position = batch.partition, self._positions[batch.partition]
        end = self._ends[partition]
        if batch.next_offset > end:
            batch = replace(batch.slice(0, batch.index_of(end)), next_offset=end)
        if batch.next_offset <= position:
            return
        if batch.first_offset < position:
            batch = batch.slice(batch.index_of(position), len(batch))
        while len(part := within(batch, self._max_records, self._max_bytes)) < len(batch):
            self._ready.append(part)
            batch = batch.slice(len(part), len(batch))
        self._ready.append(batch)
        self._move(partition, batch.next_offset)

    def _move(self, partition: int, position: int) -> None:
        self._positions[partition] = position
        if position >= self._ends[partition]:
            self._stop(partition)
            self._at_end.add(partition)

    def _skip(self, partition: int, position: int, lost: int = 0) -> None:
        """Move on over offsets without a record."""
        position = min(position, self._ends[partition])
        if position > self._positions[partition]:
            empty = record_batch([])
            self._ready.append(Batch.consecutive(partition, position, empty, lost=lost))
            self._move(partition, position)

    def _on_error(self, message: Message) -> None:
        error, partition = message.error(), message.partition()
        assert error is not None
        code = error.code()
        if code == KafkaError._PARTITION_EOF:
            if partition is not None and self._positions[partition] < self._ends[partition]:
                self._skip(partition, message.offset() or 0)
                self._at_end.add(partition)
        elif code == KafkaError._AUTO_OFFSET_RESET and partition is not None:
            self._astray[partition] = 0.0
        elif code == KafkaError._BAD_MSG and partition is not None:
            self._pass_over(partition, message.offset() or 0)
        elif code in UNKNOWN_TOPIC:
            self._watch.look(self._positions, now=True)
        elif code in REFUSED or code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise broker_error(error, f"read topic '{self._topic.name}'", self._clients.name)
        else:
            self._clients.monitor.on_error(error)

    def _pass_over(self, partition: int, base: int) -> None:
        """Go on after damaged records, which are reported several times."""
        position, end = self._positions[partition], self._ends[partition]
        stop = min(damage_end(self._clients, self._topic.name, partition, base), end)
        if partition in self._fetched and position < stop:
            self._stop(partition)
            self._ready.append(DamagedBatchError(self._topic.name, partition, max(base, position), stop))
            self._go_to(partition, stop)

    def _find(self, partitions: list[int]) -> None:
        """Go on where the partitions begin, if that is after our positions, or wait for their ends."""
        again = time.monotonic() + PARKED_SECONDS
        try:
            held = offset_ranges(self._clients, self._topic.name, partitions)
        except BrokerError:
            self._watch.look(self._positions, now=True)
            self._astray.update(dict.fromkeys(partitions, again))
            return
        for partition, offsets in held.items():
            position = self._positions[partition]
            if position > offsets.end:
                self._at_end.add(partition)
                self._astray[partition] = again
                continue
            del self._astray[partition]
            start = min(max(position, offsets.start), self._ends[partition])
            self._stop(partition)
            self._skip(partition, start, lost=start - position)
            self._go_to(partition, start)

    def _go_to(self, partition: int, position: int) -> None:
        self._move(partition, position)
        if position < self._ends[partition]:
            self._consumer.incremental_assign([self._place(partition)])
            self._fetched.add(partition)

    def _stop(self, partition: int) -> None:
        """Fetch no more of a partition."""
        if partition in self._fetched:
            self._fetched.discard(partition)
            self._consumer.incremental_unassign([self._place(partition)])
