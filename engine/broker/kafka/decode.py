"""Messages of Kafka's client as record batches."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
from confluent_kafka import Message

from engine.records.batch import SCHEMA, Batch, Offsets

_KEY, _VALUE, _TIMESTAMP, _HEADERS = (SCHEMA.field(index).type for index in range(4))
_STAMP = itemgetter(1)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking the many objects that are alive for a moment."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def batch_of(partition: int, messages: Sequence[Message]) -> Batch:
    """Messages of one partition, at least one, none of which is an error."""
    headers = list(map(Message.headers, messages))
    records = pa.record_batch(
        [
            pa.array(list(map(Message.key, messages)), _KEY),
            pa.array(list(map(Message.value, messages)), _VALUE),
            pa.array(list(map(_STAMP, map(Message.timestamp, messages))), _TIMESTAMP),
            pa.array(headers, _HEADERS) if any(headers) else pa.nulls(len(messages), _HEADERS),
        ],
        schema=SCHEMA,
    )
    found = [offset or 0 for offset in map(Message.offset, messages)]
    first, last = found[0], found[-1]
    consecutive = last - first == len(found) - 1
    offsets: Offsets = range(first, last + 1) if consecutive else np.array(found, np.int64)
    return Batch(partition=partition, records=records, offsets=offsets, next_offset=last + 1)


def by_partition(messages: Sequence[Message]) -> list[tuple[int, list[Message]]]:
    """Runs of messages of one partition, in their order."""
    numbers = [number or 0 for number in map(Message.partition, messages)]
    if numbers.count(numbers[0]) == len(numbers):
        return [(numbers[0], list(messages))]
    pairs = zip(numbers, messages, strict=True)
    return [(number, [message for _, message in run]) for number, run in groupby(pairs, itemgetter(0))]
