"""The named consumers of a cluster: groups, whose offsets carry the id of the topic that they belong to."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, TopicPartition
from confluent_kafka.admin import ConsumerGroupDescription

from engine.broker.kafka.clients import Clients, is_error
from engine.broker.kafka.groups.claim import KafkaClaim, in_use, instance_id, others_of
from engine.broker.kafka.groups.note import Note, is_position
from engine.broker.kafka.groups.shared_claim import SharedClaim
from engine.broker.kafka.offsets import offset_ranges
from engine.broker.kafka.topics import KafkaTopics, check_name
from engine.broker.named_consumers import NamedConsumers, SavedPosition, chosen_topics
from engine.errors import BrokerError

Offsets = dict[str, list[TopicPartition]]
"""Saved offsets by topic."""


class KafkaConsumers(NamedConsumers):
    """The `NamedConsumers` of a cluster: all its groups, also those of other programs."""

    def __init__(self, clients: Clients, topics: KafkaTopics) -> None:
        self._clients = clients
        self._topics = topics

    def claim(self, consumer: str, topic: str) -> KafkaClaim:
        check_name(consumer, "consumer")
        found = self._topics.get(topic)
        if others_of(self._described(consumer), topic):
            raise in_use(consumer, topic)
        return KafkaClaim(self._clients, self._topics, consumer, found)

    def share(self, consumer: str, topic: str) -> SharedClaim:
        check_name(consumer, "consumer")
        found = self._topics.get(topic)
        if any(one.group_instance_id == instance_id(topic) for one in self._described(consumer).members):
            raise in_use(consumer, topic)
        return SharedClaim(self._clients, self._topics, consumer, found)

    def _described(self, consumer: str) -> ConsumerGroupDescription:
        def ask() -> ConsumerGroupDescription:
            answer = self._clients.admin.describe_consumer_groups([consumer])[consumer]
            found: ConsumerGroupDescription = self._clients.result(answer, f"describe consumer '{consumer}'")
            return found

        return self._clients.retried(ask)

    def saved_positions(self) -> list[SavedPosition]:
        self._clients.check_open()
        offsets = self._offsets(self._groups())
        topics = {topic for saved in offsets.values() for topic in saved}
        ends = {t: offset_ranges(self._clients, t, self._partitions(t, offsets)) for t in topics}
        return [
            SavedPosition(
                consumer=consumer,
                topic=topic,
                partition=place.partition,
                offset=place.offset,
                end=ends[topic][place.partition].end,
                committed=note.committed if (note := Note.read(place.metadata)) is not None else None,
            )
            for consumer, saved in sorted(offsets.items())
            for topic, places in sorted(saved.items())
            for place in sorted(places, key=lambda place: place.partition)
        ]

    @staticmethod
    def _partitions(topic: str, offsets: dict[str, Offsets]) -> set[int]:
        return {place.partition for saved in offsets.values() for place in saved.get(topic, ())}

    def _groups(self) -> list[str]:
        answer = self._clients.admin.list_consumer_groups()
        return [group.group_id for group in self._clients.result(answer, "list consumers").valid]

    def _offsets(self, consumers: Iterable[str]) -> dict[str, Offsets]:
        """What is saved of consumers, in topics that are still there."""
        ask = self._clients.admin.list_consumer_group_offsets
        # One question a group is all that Kafka's client can ask.
        answers: dict[str, Future[ConsumerGroupTopicPartitions]] = {
            consumer: ask([ConsumerGroupTopicPartitions(consumer)])[consumer] for consumer in consumers
        }
        found: dict[str, list[TopicPartition]] = {}
        for consumer, answer in answers.items():
            try:
                saved = self._clients.result(answer, f"read the positions of consumer '{consumer}'")
            except BrokerError as error:
                if not is_error(error, KafkaError.GROUP_ID_NOT_FOUND):
                    raise
            else:
                found[consumer] = list(saved.topic_partitions or ())
        ids = {topic.name: topic.id for topic in self._topics.list()}
        offsets: dict[str, Offsets] = {}
        for consumer, places in found.items():
            for place in places:
                if place.topic in ids and is_position(place, ids[place.topic]):
                    offsets.setdefault(consumer, {}).setdefault(place.topic, []).append(place)
        return offsets

    def delete_positions(self, consumer: str, topic: str | None = None) -> Sequence[str]:
        if topic is not None:
            self._topics.get(topic)
        topics = sorted(self._offsets([consumer]).get(consumer, ()))
        chosen = chosen_topics(consumer, topic, topics, lambda: self._offsets(self._groups()))
        if topic is None and self._delete_group(consumer):
            return chosen
        # For a while the group counts a member that has left: it can be joined, but not be deleted.
        for name in chosen:
            with self.claim(consumer, name) as claim:
                claim.forget()
        return chosen

    def _delete_group(self, consumer: str) -> bool:
        """Delete a group with all its offsets; whether no member kept it from being deleted."""
        answer = self._clients.admin.delete_consumer_groups([consumer])[consumer]
        try:
            self._clients.result(answer, f"delete consumer '{consumer}'")
        except BrokerError as error:
            if not is_error(error, KafkaError.NON_EMPTY_GROUP):
                raise
            return False
        return True
