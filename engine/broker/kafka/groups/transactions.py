"""Transactions: records and positions of a consumer are stored together, or not at all."""

import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from engine.broker.kafka.appends import Appender
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.compacted import LARGEST_BYTES
from engine.broker.kafka.errors import LEADERLESS, broker_error, kafka_error
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import Appended, NewRecords
from engine.errors import BrokerError, PositionsLostError

OPEN_MS = 10_000
"""How long a transaction may be open. That of a process that was killed keeps others waiting as long."""
ANSWER_SECONDS = 10.0
_TRIES = 20
_RETRY_SECONDS = 0.1
_AGAIN = (*LEADERLESS, KafkaError.CONCURRENT_TRANSACTIONS)
"""Another broker takes over, or the transaction before is still being closed."""


class Transactions:
    """Those of one consumer. Belongs to one thread."""

    def __init__(self, clients: Clients, topics: KafkaTopics, consumer: str) -> None:
        self._clients = clients
        self._consumer = consumer
        self._producer: Producer | None = None
        self._topics = topics
        self._appender: Appender | None = None

    def run(
        self,
        appends: Sequence[NewRecords],
        positions: Sequence[TopicPartition],
        member: Callable[[], object],
    ) -> list[Appended]:
        """Append records and save positions; `member` returns the consumer's metadata of its group.

        `PositionsLostError` if the group has changed, or it is not known whether the transaction was done.
        """
        for left in reversed(range(_TRIES)):
            try:
                return self._try(appends, positions, member)
            except KafkaException as error:
                found = kafka_error(error)
                if found is None:
                    raise
                if not left or not (found.retriable() or found.code() in _AGAIN):
                    raise broker_error(found, self._doing, self._clients.name) from error
            time.sleep(_RETRY_SECONDS)
            self._clients.check_open()
        raise AssertionError("the last try raises")

    def _try(
        self,
        appends: Sequence[NewRecords],
        positions: Sequence[TopicPartition],
        member: Callable[[], object],
    ) -> list[Appended]:
        producer = self._ready()
        producer.begin_transaction()
        try:
            appended = self._appender.append(appends) if self._appender and appends else []
            if positions:
                producer.send_offsets_to_transaction([*positions], member(), ANSWER_SECONDS)
        except (KafkaException, BrokerError) as error:
            self._abort(producer, error)
            for topic in {new.topic for new in appends}:
                self._topics.get(topic)  # the client does not say that one is deleted
            raise
        self._commit(producer)
        return appended

    @property
    def _doing(self) -> str:
        return f"save the positions of consumer '{self._consumer}' in a transaction"

    def _commit(self, producer: Producer) -> None:
        """Commit; an answer that does not come is asked for again, since it may have been done."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                producer.commit_transaction(ANSWER_SECONDS)
                return
            except KafkaException as error:
                found = kafka_error(error)
                if found is not None and found.txn_requires_abort():
                    self._abort(producer, error)
                    raise
                if found is None or not found.retriable() or time.monotonic() > deadline:
                    # Never tried again: it may have been done.
                    self._producer = None
                    raise PositionsLostError(f"cannot {self._doing}: {error}", "run it again") from error

    def _ready(self) -> Producer:
        if self._producer is None:
            producer = self._clients.producer(
                {
                    # A name of its own for each process: what tells an old one from a new one is the group.
                    "transactional.id": f"fluvio-tui:{self._consumer}:{uuid4()}",
                    "transaction.timeout.ms": OPEN_MS,
                    "message.timeout.ms": OPEN_MS,
                    "message.max.bytes": LARGEST_BYTES,
                }
            )
            producer.init_transactions(ANSWER_SECONDS)
            self._producer = producer
            self._appender = Appender(self._clients, self._topics, LARGEST_BYTES, lambda: producer)
        return self._producer

    def _abort(self, producer: Producer, error: KafkaException | BrokerError) -> None:
        found = kafka_error(error)
        try:
            if found is None or not found.fatal():
                producer.abort_transaction(ANSWER_SECONDS)
                return
        except KafkaException:
            pass  # the cluster aborts it in time
        self._producer = None

    def close(self) -> None:
        """Free the producer. May be called again."""
        self._producer = None
