"""Looks each second whether a topic is still the one that is read, without waiting for the answer."""

import time
from collections.abc import Iterable
from concurrent.futures import Future

from confluent_kafka import IsolationLevel, TopicCollection, TopicPartition
from confluent_kafka.admin import OffsetSpec, TopicDescription

from engine.broker.kafka.clients import SLICE, Clients
from engine.broker.kafka.errors import UNKNOWN_TOPIC, kafka_error
from engine.broker.topics import Topic
from engine.errors import DeletedTopicError

SECONDS = 1.0
SILENT_SECONDS = 1.5
"""After so many seconds without an answer the connection counts as lost."""
CONFIRM_SECONDS = 2.0


class TopicWatch:
    """Whether a topic has been deleted, how many partitions it has, and whether their leaders answer.

    Kafka's client goes on with the next topic of the same name without a word. Belongs to one thread.
    """

    def __init__(self, clients: Clients, topic: Topic) -> None:
        self._clients = clients
        self._topic = topic
        self._asked = 0.0
        self._description: Future[TopicDescription] | None = None
        self._leaders: list[Future[object]] = []
        self.confirmed = 0.0
        """When the newest question was asked whose answer is that the topic is still there."""
        self.partitions = topic.partitions
        self._deleted: DeletedTopicError | None = None

    def look(self, partitions: Iterable[int], *, now: bool = False) -> None:
        """Take an answer, and ask again once a second, or `now`; `DeletedTopicError`.

        The leaders of `partitions` are asked, too, and if there is no answer, the connection counts as lost.
        """
        if self._deleted is not None:
            raise self._deleted
        self._take()
        since = time.monotonic() - self._asked
        waiting = self._description is not None or self._leaders
        if self._leaders and since > SILENT_SECONDS:
            self._clients.monitor.silent(self, self._clients.monitor.problem or self._unanswered())
        if (not waiting and (now or since >= SECONDS)) or since > 2 * SILENT_SECONDS:
            self._ask(partitions)

    def confirm(self) -> None:
        """Wait until the topic is known to be there now; `DeletedTopicError`. Not for long."""
        asked = time.monotonic()
        while (
            self.confirmed < asked < time.monotonic() < asked + CONFIRM_SECONDS and not self._clients.closed
        ):
            if self._description is None or self._asked < asked:
                self._ask([])
            if self._description is not None:
                try:
                    self._description.exception(SLICE)
                except TimeoutError:
                    continue
            self._take()

    def close(self) -> None:
        self._clients.monitor.forget(self)

    def _ask(self, partitions: Iterable[int]) -> None:
        self._asked = time.monotonic()
        name, admin = self._topic.name, self._clients.admin
        admin.poll(0)
        self._description = admin.describe_topics(TopicCollection([name]))[name]
        wanted = {TopicPartition(name, p): OffsetSpec.latest() for p in partitions}
        if wanted:
            asked = admin.list_offsets(
                wanted,
                isolation_level=IsolationLevel.READ_COMMITTED,
                request_timeout=2 * SILENT_SECONDS,
            )
            self._leaders = list(asked.values())

    def _take(self) -> None:
        if self._description is not None and self._description.done():
            answer, self._description = self._description, None
            self._check(answer)
        if self._leaders and all(one.done() for one in self._leaders):
            failed = next((error for one in self._leaders if (error := one.exception()) is not None), None)
            self._leaders = []
            if failed is None:
                self._clients.monitor.answered(self)
            else:
                self._clients.monitor.silent(self, self._unanswered())

    def _check(self, answer: "Future[TopicDescription]") -> None:
        error = answer.exception()
        if error is None:
            found = answer.result()
            if str(found.topic_id) != self._topic.id:
                self._deleted = DeletedTopicError(
                    self._topic.name,
                    "there is another one of that name now: read that from its beginning",
                )
                raise self._deleted
            self.confirmed = self._asked
            self.partitions = len(found.partitions)
            return
        reason = kafka_error(error)
        if reason is not None and reason.code() in UNKNOWN_TOPIC:
            self._deleted = DeletedTopicError(self._topic.name)
            raise self._deleted

    def _unanswered(self) -> str:
        return f"no leader of topic '{self._topic.name}' answers"
