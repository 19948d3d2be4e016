"""Single reads of a log, for tests and benchmarks that look into it."""

from collections.abc import Mapping

from engine.broker.broker import Broker
from engine.broker.log import READ_BYTES, READ_RECORDS
from engine.records.batch import Batch, record_batch


def read(
    broker: Broker,
    topic: str,
    partition: int,
    offset: int,
    *,
    max_records: int = READ_RECORDS,
    max_bytes: int = READ_BYTES,
) -> Batch:
    """The next records of a partition from an offset on; an empty batch at the end."""
    found = broker.topics.get(topic)
    with broker.log.open(found, {partition: offset}, max_records=max_records, max_bytes=max_bytes) as reader:
        return reader.read(0) or Batch.consecutive(partition, offset, record_batch([]))


def wait(broker: Broker, topic: str, positions: Mapping[int, int], seconds: float) -> bool:
    """Whether a partition has records at or after its position, within so many seconds."""
    with broker.log.open(broker.topics.get(topic), positions) as reader:
        return reader.read(seconds) is not None


def spans(broker: Broker, topic: str) -> dict[int, tuple[int, int]]:
    """The first offset of each partition, and the one after the last."""
    return {p: (held.start, held.end) for p, held in broker.log.offsets(topic).items()}


def values(broker: Broker, topic: str, partition: int = 0) -> list[bytes | None]:
    """The values of all records of a partition."""
    found: list[bytes | None] = []
    with broker.log.open(broker.topics.get(topic), {partition: 0}) as reader:
        while (batch := reader.read(0)) is not None:
            found += batch.records.column("value").to_pylist()
    return found


def values_to_end(broker: Broker, topic: str, partition: int) -> list[bytes | None]:
    """The values of all records that a partition holds now, however long a cluster takes for them."""
    end = broker.log.offsets(topic)[partition].end
    found: list[bytes | None] = []
    position = 0
    with broker.log.open(broker.topics.get(topic), {partition: 0}, ends={partition: end}) as reader:
        while position < end:
            batch = reader.read(1)
            if batch is not None:
                position = batch.next_offset
                found += batch.records.column("value").to_pylist()
    return found
