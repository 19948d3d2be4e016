"""Single reads of a partition, without a stream."""

from functools import partial

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import error_codes, spu
from engine.broker.fluvio.protocol.records import CodecPool
from engine.errors import BrokerError
from engine.records.batch import Batch, concatenated, record_batch

_SOME_BYTES = 64 << 10
_ALL_BYTES = 2 << 20
_MOST_BYTES = 512 << 20


class Fetcher:
    """Fetches records that a partition holds. Any thread may use it."""

    def __init__(self, cluster: Cluster, codecs: CodecPool) -> None:
        self._cluster = cluster
        self._codecs = codecs

    def all(self, topic: str, partition: int, start: int, end: int) -> Batch:
        """The records of a range; those that cannot be decoded are left out."""
        found: list[Batch] = []
        while start < end:
            found.append(self.some(topic, partition, start, end, _ALL_BYTES))
            start = found[-1].next_offset
        return concatenated(*found) if found else self.none(partition, end)

    def some(self, topic: str, partition: int, start: int, end: int, max_bytes: int = _SOME_BYTES) -> Batch:
        """The first records of a range that is not empty, at least one; of a damaged batch, none."""
        while True:
            fetched = self._cluster.settled(
                partial(self._fetched, topic, partition, start, max_bytes),
                f"no SPU leads partition {partition} of topic '{topic}'",
            )
            with self._codecs.codec() as codec:
                found = codec.read(fetched.content, start, min(end, fetched.end))
            next_offset = found.malformed.stop if found.malformed is not None else found.next_offset
            if next_offset > start:
                return Batch(
                    partition=partition,
                    records=found.records,
                    offsets=found.offsets,
                    next_offset=min(next_offset, end),
                )
            if max_bytes > _MOST_BYTES or len(fetched.content) < max_bytes:
                raise BrokerError(f"topic '{topic}', partition {partition} has no record at offset {start}")
            max_bytes *= 4

    def none(self, partition: int, offset: int) -> Batch:
        """No records before an offset."""
        return Batch.consecutive(partition, offset, record_batch([]))

    def _fetched(self, topic: str, partition: int, start: int, max_bytes: int) -> spu.Fetched | None:
        """None if the partition is led by another SPU now."""
        endpoint = self._cluster.leader(topic, partition)
        answer = self._cluster.ask(endpoint, spu.FETCH, spu.fetch_request(topic, partition, start, max_bytes))
        fetched = spu.read_fetched(answer)
        if fetched.error is None:
            return fetched
        if fetched.error.code in (error_codes.NOT_LEADER, error_codes.PARTITION_NOT_LEADER):
            return None
        raise BrokerError(f"topic '{topic}', partition {partition}, offset {start}: {fetched.error.text}")
