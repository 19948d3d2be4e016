"""A claim that several members share: rebalances move partitions between them."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import ConsumerGroupDescription

from engine.broker.kafka.clients import Clients
from engine.broker.kafka.errors import broker_error
from engine.broker.kafka.groups.claim import KafkaClaim
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.topics import Topic
from engine.errors import BrokerError, BrokerUnreachableError, PositionsLostError

SPARE_SECONDS = 2.0
"""How long a member that shares waits for its first partitions, if the cluster knows it."""


class SharedClaim(KafkaClaim):
    """A `Claim` on some of the partitions: the cluster divides them among all members. For one thread."""

    def __init__(self, clients: Clients, topics: KafkaTopics, consumer: str, topic: Topic) -> None:
        self._moved = False
        self._save_first: Callable[[], None] = _nothing
        super().__init__(clients, topics, consumer, topic)

    def _membership(self, topic: Topic) -> dict[str, str]:  # noqa: ARG002
        return {}

    def _begin(self) -> None:
        # No thread: partitions change only within `rebalance`, and the client itself answers for this member.
        self._known_metadata = super()._metadata()

    def _joined(self, waited: float) -> bool:
        # One more than there are partitions gets none until another leaves.
        return self._moved or (waited > SPARE_SECONDS and self._is_known())

    def _is_known(self) -> bool:
        answer = self._clients.admin.describe_consumer_groups([self._consumer])[self._consumer]
        found: ConsumerGroupDescription = self._clients.result(answer, f"run consumer '{self._consumer}'")
        return any(member.member_id == self._member.memberid() for member in found.members)

    def _not_joined(self) -> BrokerError:
        return BrokerUnreachableError(
            f"consumer '{self._consumer}' got no partitions of topic '{self._topic.name}' in time",
            "try again once the cluster answers",
        )

    def rebalance(self, save: Callable[[], None]) -> bool:
        self._moved, self._save_first = False, save
        try:
            self._poll(0)
        finally:
            self._save_first = _nothing
        # As of the partitions that it knows of: a commit after they are lost is refused.
        self._known_metadata = super()._metadata()
        if self._problem is not None:
            raise broker_error(self._problem, f"run consumer '{self._consumer}'", self._clients.name)
        return self._moved

    def partitions(self) -> frozenset[int]:
        return frozenset(self._assigned)

    def _metadata(self) -> object:
        return self._known_metadata

    def _assign(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._save_now()
        super()._assign(member, partitions)
        self._moved = True

    def _revoke(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        # Before the cluster may give them to others.
        self._save_now()
        super()._revoke(member, partitions)
        self._moved = True

    def _save_now(self) -> None:
        # Otherwise they are read again from where they were saved.
        with suppress(BrokerUnreachableError, PositionsLostError):
            self._save_first()

    def _lose(self, member: Consumer, partitions: Sequence[TopicPartition]) -> None:
        super()._lose(member, partitions)
        self._moved = True

    def close(self) -> None:
        self._member.close()


def _nothing() -> None:
    """There is nothing to save."""
