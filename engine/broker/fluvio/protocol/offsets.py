"""Requests about the offsets of named consumers, in version 25 of their layout."""

from dataclasses import dataclass

from engine.broker.fluvio.protocol.error_codes import ServerError, read_error
from engine.broker.fluvio.protocol.link import Api
from engine.broker.fluvio.protocol.wire import Decoder, Encoder

TOPIC = "consumer-offset"
"""Its only partition is led by the SPU that keeps the offsets."""
_AFTER_ALL = 1 << 62
UPDATE, DELETE, FETCH = (Api(key, 25) for key in (1006, 1007, 1008))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerOffset:
    """The last record that a consumer has read of a partition."""

    consumer: str
    topic: str
    partition: int
    offset: int
    modified: int
    """Seconds since the epoch."""


def fetch_request() -> Encoder:
    """All offsets of all consumers."""
    return Encoder().boolean(False)


def read_offsets(source: Decoder) -> tuple[ServerError | None, list[ConsumerOffset]]:
    """The error, or the offsets."""
    return read_error(source), source.items(_offset)


def stream_request(topic: str, partition: int, consumer: str) -> Encoder:
    """A stream that names a consumer, and begins after all records."""
    body = Encoder().text(topic).u32(partition).i64(_AFTER_ALL).i32(1).tag(1).u32(0)
    return body.option(consumer, Encoder.text)


def update_request(offset: int, stream: int) -> Encoder:
    """Of the consumer that a stream of the same connection names."""
    return Encoder().i64(offset).u32(stream)


def read_updated(source: Decoder) -> ServerError | None:
    """Why it was not saved; None if it was."""
    source.i64()
    return read_error(source)


def read_deleted(source: Decoder) -> ServerError | None:
    """Why it was not deleted; None if it was."""
    return read_error(source)


def delete_request(topic: str, partition: int, consumer: str) -> Encoder:
    """Forget a consumer in a partition."""
    return Encoder().text(topic).u32(partition).text(consumer)


def _offset(source: Decoder) -> ConsumerOffset:
    return ConsumerOffset(
        consumer=source.text(),
        topic=source.text(),
        partition=source.u32(),
        offset=source.i64(),
        modified=source.u64(),
    )
