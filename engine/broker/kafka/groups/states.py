"""What consumers keep with their positions: in a compacted topic, by consumer, topic and partition."""

from collections.abc import Iterable

from engine.broker.kafka.clients import Clients
from engine.broker.kafka.compacted import CompactedTopic
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import NewRecords, Positions
from engine.broker.named_consumers import States
from engine.broker.topics import Topic
from engine.records.batch import record_batch

STATES = "__fluvio-tui-states"


class ConsumerStates:
    """Those of one consumer in one topic. Belongs to one thread."""

    def __init__(self, clients: Clients, topics: KafkaTopics, consumer: str, topic: Topic) -> None:
        self._prefix = f"{consumer} {topic.id} ".encode()
        self._topic = CompactedTopic(clients, topics, STATES, self._prefix)
        self._known: set[int] | None = None
        """The partitions that have a state."""

    def read(self) -> dict[int, bytes]:
        """The state of each partition that has one."""
        found = self._topic.records()
        states = {int(key.removeprefix(self._prefix)): record.value or b"" for key, record in found.items()}
        self._known = set(states)
        return states

    def has_any(self, partitions: Iterable[int]) -> bool:
        """Whether any of these partitions has a state."""
        if self._known is None:
            self.read()
        return not (self._known or set()).isdisjoint(partitions)

    def changes(self, positions: Positions, states: States) -> list[NewRecords]:
        """The records that save the states, and delete those of other partitions with a position."""
        deleted = {partition for partition in positions if self.has_any([partition])} - states.keys()
        changed: dict[int, bytes | None] = {**states, **dict.fromkeys(deleted)}
        if not changed:
            return []
        self._topic.create()
        keys = [self._prefix + str(partition).encode() for partition in changed]
        records = record_batch([*changed.values()], keys=keys)
        return [NewRecords(topic=STATES, partition=0, records=records)]

    def saved(self, positions: Positions, states: States) -> None:
        """Note that the changes were made."""
        self._known = ((self._known or set()) - positions.keys()) | states.keys()
