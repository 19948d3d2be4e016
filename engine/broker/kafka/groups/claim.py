"""A claim on a named consumer of one topic: a member of a group, which has all partitions."""

import logging
import threading
import time
from collections.abc import Sequence

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import ConsumerGroupDescription

from engine.broker.kafka import settings
from engine.broker.kafka.clients import SLICE, Clients
from engine.broker.kafka.errors import broker_error, kafka_error
from engine.broker.kafka.groups.note import PREFIX, Note, is_position
from engine.broker.kafka.groups.states import ConsumerStates
from engine.broker.kafka.groups.transactions import Transactions
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import Appended, NewRecords, Positions
from engine.broker.named_consumers import NO_STATES, Claim, States
from engine.broker.topics import Topic
from engine.errors import (
    BrokerError,
    ConsumerInUseError,
    UnknownTopicError,
)
from engine.records.batch import now_ms

JOIN_SECONDS = 10.0
_LOG = logging.getLogger(__name__)


def in_use(consumer: str, topic: str, seconds: str = "") -> ConsumerInUseError:
    """The error for a consumer that runs elsewhere."""
    wait = f", or wait {seconds} if it was killed" if seconds else ""
    return ConsumerInUseError(
        f"consumer '{consumer}' is already running on topic '{topic}'",
        f"stop the other one, or choose another name{wait}",
    )


class KafkaClaim(Claim):
    """A `Claim` as a static member of a group. A thread answers for it until it is closed.

    It is assigned all partitions, and fetches nothing: readers do that by themselves.
    """

    def __init__(self, clients: Clients, topics: KafkaTopics, consumer: str, topic: Topic) -> None:
        self._calls = threading.RLock()
        """Held around every call of the member: two at once, one of them for its metadata, would block."""
        self._transactions = Transactions(clients, topics, consumer)
        self._states = ConsumerStates(clients, topics, consumer, topic)
        self._clients = clients
        self._topics = topics
        self._consumer = consumer
        self._topic = topic
        self._assigned: set[int] = set()
        self._problem: KafkaError | None = None
        self._closing = threading.Event()
        self._member = clients.consumer({**settings.MEMBER, "group.id": consumer, **self._membership(topic)})
        try:
            self._join()
        except BaseException:
            self._member.close()
            raise
        self._begin()

    def _membership(self, topic: Topic) -> dict[str, str]:
        """The settings that say how it takes part in its group."""
        return {"group.instance.id": instance_id(topic.name)}

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._stay, name=f"consumer {self._consumer}", daemon=True)
        self._thread.start()

    def _joined(self, waited: float) -> bool:  # noqa: ARG002
        """Whether it takes part in its group, `waited` seconds after it asked to."""
        return len(self._assigned) == self._topic.partitions

    def _join(self) -> None:
        self._member.subscribe(
            [self._topic.name], on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lose
        )
        started = time.monotonic()
        while not self._joined(time.monotonic() - started):
            self._clients.check_open()
            self._poll(SLICE)
            if self._problem is not None:
                if self._problem.code() == KafkaError._FATAL:
                    raise in_use(self._consumer, self._topic.name, "up to a minute")
                raise broker_error(self._problem, f"run consumer '{self._consumer}'", self._clients.name)
            if time.monotonic() - started > JOIN_SECONDS:
                raise self._not_joined()

    def _not_joined(self) -> BrokerError:
        return in_use(self._consumer, self._topic.name)

    def _poll(self, wait: float) -> None:
        try:
            with self._calls:
                message: Message | None = self._member.poll(wait)
            error = None if message is None else message.error()
        except KafkaException as raised:
            error = kafka_error(raised)
        if error is None or error.code() in (KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET):
            return
        if error.code() == KafkaError._FATAL or error.fatal() or not error.retriable():
            self._problem = error
        else:
            self._clients.monitor.on_error(error)

    def _stay(self) -> None:
        """Poll, so that the cluster sees that this member is alive."""
        # Calls of one client wait for each other: a poll that waits would hold up commits.
        while not self._closing.wait(SLICE) and self._problem is None:
            self._poll(0)

    def _assign(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        places = [TopicPartition(one.topic, one.partition, OFFSET_END) for one in partitions]
        member.incremental_assign(places)
        member.pause(places)
        self._assigned |= {one.partition for one in partitions}

    def _revoke(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        member.incremental_unassign([*partitions])
        self._assigned -= {one.partition for one in partitions}

    def _lose(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        """The cluster has not heard of this member for too long: others may have its partitions."""
        KafkaClaim._revoke(self, member, partitions)

    def positions(self) -> dict[int, int]:
        return {one.partition: one.offset for one in self._committed() if is_position(one, self._topic.id)}

    def _committed(self) -> list[TopicPartition]:
        wanted = [TopicPartition(self._topic.name, p) for p in range(self._topic.partitions)]
        with self._calls, self._clients.errors(f"read the positions of consumer '{self._consumer}'"):
            found: list[TopicPartition] = self._member.committed(wanted, timeout=JOIN_SECONDS)
        return found

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        if states or self._states.has_any(positions):
            # Both in one step, so that a state is always that of its position.
            self.append_and_commit([], positions, states)
            return
        self._save(positions, Note(topic_id=self._topic.id, committed=now_ms()))
        _LOG.debug("consumer %s of topic %s is at %s", self._consumer, self._topic.name, positions)

    def forget(self) -> None:
        """Mark the saved positions as none."""
        note = Note(topic_id=self._topic.id, committed=now_ms(), forgotten=True)
        self._save({one.partition: one.offset for one in self._committed() if one.offset >= 0}, note)

    def _save(self, positions: Positions, note: Note) -> None:
        places = self._places(positions, note)
        if places:
            with self._calls, self._clients.errors(f"save the positions of consumer '{self._consumer}'"):
                self._member.commit(offsets=places, asynchronous=False)

    def _places(self, positions: Positions, note: Note) -> list[TopicPartition]:
        """What to save, if it still may be."""
        name = self._topic.name
        if str(self._topics.described(name).topic_id) != self._topic.id:
            raise UnknownTopicError(f"there is no topic '{name}' any more, but another one", subject=name)
        if self._problem is not None:
            raise in_use(self._consumer, name)
        return [TopicPartition(name, p, o, note.written()) for p, o in positions.items()]

    def states(self) -> dict[int, bytes]:
        # Positions are deleted without them.
        places = self.positions()
        return {p: state for p, state in self._states.read().items() if p in places}

    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        places = self._places(positions, Note(topic_id=self._topic.id, committed=now_ms()))
        changes = self._states.changes(positions, states)
        appended = self._transactions.run([*appends, *changes], places, self._metadata)
        self._states.saved(positions, states)
        return appended[: len(appends)]

    def _metadata(self) -> object:
        with self._calls:
            return self._member.consumer_group_metadata()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._member.close()


def instance_id(topic: str) -> str:
    """What makes the member of one topic unique in the group of a consumer."""
    return f"{PREFIX}:{topic}"


def others_of(found: ConsumerGroupDescription, topic: str) -> bool:
    """Whether members that are not those of this program read a topic in a group."""
    return any(
        member.group_instance_id != instance_id(topic)
        and any(place.topic == topic for place in member.assignment.topic_partitions)
        for member in found.members
    )
