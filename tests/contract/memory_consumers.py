"""The named consumers of a broker in memory."""

from collections.abc import Sequence

from engine.broker.log import Appended, NewRecords, Positions
from engine.broker.named_consumers import NO_STATES, Claim, NamedConsumers, SavedPosition, States
from engine.broker.topics import Topic
from engine.errors import BrokerError, ConsumerInUseError, UnknownConsumerError, UnknownTopicError
from engine.records.batch import now_ms
from tests.contract.memory_group import MemoryGroup, SharedMemoryClaim
from tests.contract.memory_log import MemoryLog
from tests.contract.memory_store import Store


class MemoryClaim(Claim):
    def __init__(
        self, consumers: "MemoryConsumers", store: Store, log: MemoryLog, consumer: str, topic: Topic
    ) -> None:
        self._log = log
        self._consumers = consumers
        self._store = store
        self._consumer = consumer
        self._topic = topic

    def positions(self) -> dict[int, int]:
        with self._store.open():
            saved = self._store.find(self._topic.name).positions
            return {p: offset for (name, p), (offset, _) in saved.items() if name == self._consumer}

    def states(self) -> dict[int, bytes]:
        with self._store.open():
            saved = self._store.find(self._topic.name).states
            return {p: state for (name, p), state in saved.items() if name == self._consumer}

    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        return self._log.append_with(appends, lambda: self._save(positions, states))

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        self._log.append_with([], lambda: self._save(positions, states))

    def _save(self, positions: Positions, states: States) -> None:
        with self._store.open():
            found = self._store.find(self._topic.name)
            if found.topic.id != self._topic.id:
                raise UnknownTopicError(f"there is no topic '{self._topic.name}'")
            found.positions.update(
                {(self._consumer, p): (offset, now_ms()) for p, offset in positions.items()}
            )
            for p in positions:
                found.states.pop((self._consumer, p), None)
            found.states.update({(self._consumer, p): state for p, state in states.items()})

    def close(self) -> None:
        self._consumers.claimed.discard((self._consumer, self._topic.id))


class MemoryConsumers(NamedConsumers):
    def __init__(self, store: Store, log: MemoryLog) -> None:
        self._log = log
        self._store = store
        self.claimed: set[tuple[str, str]] = set()
        self._groups: dict[tuple[str, str], MemoryGroup] = {}

    def claim(self, consumer: str, topic: str) -> MemoryClaim:
        if not consumer or "/" in consumer:
            raise BrokerError(f"a consumer cannot be called '{consumer}'")
        with self._store.open():
            found = self._store.find(topic).topic
            if (consumer, found.id) in self.claimed:
                raise ConsumerInUseError(f"consumer '{consumer}' is already running")
            self.claimed.add((consumer, found.id))
            return MemoryClaim(self, self._store, self._log, consumer, found)

    def share(self, consumer: str, topic: str) -> SharedMemoryClaim:
        with self._store.open():
            found = self._store.find(topic).topic
            group = self._groups.setdefault((consumer, found.id), MemoryGroup(found.partitions))
            return SharedMemoryClaim(group, MemoryClaim(self, self._store, self._log, consumer, found))

    def saved_positions(self) -> Sequence[SavedPosition]:
        with self._store.open():
            found = [
                SavedPosition(
                    consumer=consumer,
                    topic=name,
                    partition=partition,
                    offset=offset,
                    end=topic.partitions[partition].end,
                    committed=committed,
                )
                for name, topic in self._store.topics.items()
                for (consumer, partition), (offset, committed) in topic.positions.items()
            ]
        return sorted(found, key=lambda one: (one.consumer, one.topic, one.partition))

    def delete_positions(self, consumer: str, topic: str | None = None) -> list[str]:
        saved = self.saved_positions()
        with self._store.open():
            if topic is not None:
                self._store.find(topic)
            topics = sorted({one.topic for one in saved if one.consumer == consumer})
            chosen = [name for name in topics if topic in (None, name)]
            if not chosen:
                raise UnknownConsumerError(f"no saved position for consumer '{consumer}'")
            for found in map(self._store.find, chosen):
                if (consumer, found.topic.id) in self.claimed:
                    raise ConsumerInUseError(f"consumer '{consumer}' is already running")
                found.positions = {key: at for key, at in found.positions.items() if key[0] != consumer}
                found.states = {key: state for key, state in found.states.items() if key[0] != consumer}
            return chosen
