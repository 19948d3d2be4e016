"""Where records that fail their checksum end: Kafka's client says only where they begin."""

import time

from confluent_kafka import Consumer, KafkaError, TopicPartition

from engine.broker.kafka import settings
from engine.broker.kafka.clients import ANSWER_SECONDS, SLICE, Clients
from engine.broker.kafka.errors import unreachable
from engine.broker.kafka.offsets import offset_ranges


def damage_end(clients: Clients, topic: str, partition: int, base: int) -> int:
    """The offset after the damaged batch that begins at `base`."""
    end = offset_ranges(clients, topic, [partition])[partition].end
    consumer = clients.consumer(settings.PAGES)
    try:
        # Reading from anywhere in the batch finds it damaged.
        damaged, step = base, 1
        whole = min(base + step, end)
        while whole < end and _is_damaged(clients, consumer, TopicPartition(topic, partition, whole), base):
            damaged, step = whole, 2 * step
            whole = min(whole + step, end)
        while whole - damaged > 1:
            middle = (damaged + whole) // 2
            if _is_damaged(clients, consumer, TopicPartition(topic, partition, middle), base):
                damaged = middle
            else:
                whole = middle
        return whole
    finally:
        consumer.close()


def _is_damaged(clients: Clients, consumer: Consumer, place: TopicPartition, base: int) -> bool:
    consumer.assign([place])
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        clients.check_open()
        message = consumer.poll(SLICE)
        if message is None:
            continue
        error = message.error()
        if error is None or error.code() == KafkaError._PARTITION_EOF:
            return False
        if error.code() == KafkaError._BAD_MSG:
            return message.offset() == base
        clients.monitor.on_error(error)
    raise unreachable(clients.name, clients.monitor.problem or "no answer while looking for whole records")
