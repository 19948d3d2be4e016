"""A broker in memory, for tests: its logs may have gaps, and it is slow or forgetful on request."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from engine.broker.broker import Broker
from engine.broker.connection import CONNECTED, Connection
from engine.broker.features import Features
from engine.broker.topics import PartitionDescription, Topic, TopicDescription, TopicOptions, Topics
from engine.errors import BrokerError
from tests.contract.memory_consumers import MemoryConsumers
from tests.contract.memory_log import MemoryLog
from tests.contract.memory_modules import MemoryModules
from tests.contract.memory_store import MemoryTopic, Partition, Store


class MemoryTopics(Topics):
    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> Sequence[Topic]:
        with self._store.open():
            return [found.topic for _, found in sorted(self._store.topics.items())]

    def get(self, name: str) -> Topic:
        with self._store.open():
            return self._store.find(name).topic

    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        with self._store.open():
            if name in self._store.topics:
                raise BrokerError(f"topic '{name}' already exists")
            if not name or partitions < 1:
                raise BrokerError(f"there can be no topic '{name}' with {partitions} partitions")
            if options is not None and (options.replicas or 1) != 1:
                raise BrokerError(f"topic '{name}' cannot have {options.replicas} replicas")
            topic = Topic(name=name, partitions=partitions, id=f"id-{next(self._store.ids)}", created=None)
            logs = [Partition() for _ in range(partitions)]
            self._store.topics[name] = MemoryTopic(topic, options or TopicOptions(), logs)
            return topic

    def delete(self, name: str) -> None:
        with self._store.open():
            self._store.find(name)
            del self._store.topics[name]
            self._store.changed.notify_all()

    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        with self._store.open():
            names = sorted(self._store.topics) if name is None else [name]
            return [_description(self._store.find(each)) for each in names]


def _description(found: MemoryTopic) -> TopicDescription:
    partitions = tuple(
        PartitionDescription(partition=number, offsets=log.held, bytes=None)
        for number, log in enumerate(found.partitions)
    )
    return TopicDescription(topic=found.topic, options=found.options, partitions=partitions)


class MemoryBroker(Broker):
    """A broker in memory. Beside the contract, it does to its logs what a cluster may do at any time."""

    topics: MemoryTopics
    log: MemoryLog
    consumers: MemoryConsumers
    modules: MemoryModules
    features = Features(transactions=True, shared_consumers=True)

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.state = CONNECTED
        """What `connection` returns; a test may set another one."""
        self._store = Store()
        self.modules = MemoryModules(self._store.ask)
        self.topics = MemoryTopics(self._store)
        self.log = MemoryLog(self._store)
        self.consumers = MemoryConsumers(self._store, self.log)

    def connection(self) -> Connection:
        return self.state

    def close(self) -> None:
        self._store.answers.set()
        with self._store.changed:
            self._store.closed = True
            self._store.changed.notify_all()

    def compact(self, topic: str, removed: Iterable[int], partition: int = 0) -> None:
        """Remove single records: their offsets become gaps, and nothing is lost."""
        with self._store.open():
            log = self._store.partition(topic, partition)
            log.keep(~np.isin(log.offsets, list(removed)))
            self._store.changed.notify_all()

    def skip(self, topic: str, offsets: int, partition: int = 0) -> None:
        """Use up offsets without a record, as transaction markers do."""
        with self._store.open():
            self._store.partition(topic, partition).end += offsets
            self._store.changed.notify_all()

    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        """Remove all records before an offset, as retention does."""
        with self._store.open():
            log = self._store.partition(topic, partition)
            log.start = max(log.start, min(start, log.end))
            log.keep(log.offsets >= log.start)
            self._store.changed.notify_all()

    def add_partitions(self, topic: str, partitions: int) -> None:
        """Let a topic have so many partitions from now on."""
        with self._store.open():
            found = self._store.find(topic)
            found.partitions += [Partition() for _ in range(found.topic.partitions, partitions)]
            found.topic = replace(found.topic, partitions=partitions)

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        """Make the records between two offsets unreadable."""
        with self._store.open():
            self._store.partition(topic, partition).damaged.append(range(start, stop))

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Let every read find nothing until the end of the block."""
        with self._store.changed:
            self._store.held_back = True
        try:
            yield
        finally:
            with self._store.changed:
                self._store.held_back = False
                self._store.changed.notify_all()

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let every call wait until the end of the block, as for a network."""
        self._store.answers.clear()
        try:
            yield
        finally:
            self._store.answers.set()

    def watch_drawing(self) -> list[str]:
        """Note from now on where the calling thread, which draws, calls the broker."""
        self._store.drawing = threading.get_ident()
        return self._store.drawing_calls
