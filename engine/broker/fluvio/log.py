"""The log of a Fluvio cluster."""

import threading
import weakref
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from engine.broker.fluvio.appends import Appends
from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.fetching import Fetcher
from engine.broker.fluvio.key_hash import key_hashes
from engine.broker.fluvio.offsets import held_offsets
from engine.broker.fluvio.protocol.records import CodecPool
from engine.broker.fluvio.reader import FluvioReader
from engine.broker.fluvio.watch import ClusterWatch
from engine.broker.log import (
    NO_ENDS,
    READ_BYTES,
    READ_RECORDS,
    Appended,
    KeyHashArray,
    Log,
    NewRecords,
    Positions,
    check_columns,
)
from engine.broker.topics import Compression, OffsetRange, Topic
from engine.errors import BrokerError, DamagedBatchError
from engine.records.batch import Batch, concatenated
from engine.records.sizes import bytes_before

_CHECK_SECONDS = 30.0
_APPENDS_AT_ONCE = 16
_FIRST_PAGE = 256
"""Records of which the size of the others is estimated."""


class FluvioLog(Log):
    """Records of a cluster's topics. Only those are read that all replicas have."""

    def __init__(
        self, cluster: Cluster, max_record_bytes: int | None, compression: Compression | None
    ) -> None:
        self._cluster = cluster
        self._codecs = CodecPool()
        self._appends = Appends(cluster, self._codecs, max_record_bytes, compression)
        self._fetcher = Fetcher(cluster, self._codecs)
        self._watch = ClusterWatch(cluster)
        self._lock = threading.Lock()
        self._readers: weakref.WeakSet[FluvioReader] = weakref.WeakSet()

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        check_columns(records)
        self._check(topic, [partition])
        if not records.num_rows:
            end = self._held(topic, [partition])[partition].end
            return Appended(partition=partition, first=end, last=end - 1)
        return self._appends.append(topic, records, partition)

    def append_all(self, appends: Sequence[NewRecords]) -> Iterator[Appended]:
        """Partitions at the same time, since each append waits for all replicas; each in order."""
        indices: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, new in enumerate(appends):
            indices[new.topic, new.partition].append(index)

        def append(chosen: list[int]) -> list[Appended]:
            news = [appends[index] for index in chosen]
            return [self.append(new.topic, new.records, new.partition) for new in news]

        with ThreadPoolExecutor(min(max(len(indices), 1), _APPENDS_AT_ONCE), "fluvio append") as pool:
            places = [place for found in pool.map(append, indices.values()) for place in found]
        order = [index for chosen in indices.values() for index in chosen]
        yield from (place for _, place in sorted(zip(order, places, strict=True), key=lambda one: one[0]))

    def key_hashes(self, keys: Sequence[bytes]) -> KeyHashArray:
        return key_hashes(keys)

    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        found = self._cluster.refresh().topic(topic)
        return self._held(topic, range(found.partitions))

    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        self._check(topic, starts)
        held = self._held(topic, starts)
        return {
            p: self._offset_at(topic, p, timestamp, max(start, held[p].start), held[p].end)
            for p, start in starts.items()
        }

    def _offset_at(self, topic: str, partition: int, timestamp: int, start: int, end: int) -> int:
        """Bisect, as if timestamps rose with offsets."""
        low, high = start, end
        while low < high:
            middle = (low + high) // 2
            batch = self._fetcher.some(topic, partition, middle, high)
            stamps = batch.records.column("timestamp").to_numpy()
            later = np.flatnonzero(stamps >= timestamp)
            if not len(later):
                low = batch.next_offset
            elif later[0]:
                return batch.offset(int(later[0]))
            else:
                high = middle
        return low

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> FluvioReader:
        self._cluster.check_open()
        for partition in positions:
            topic.check_partition(partition)
        self._watch.start()
        reader = FluvioReader(self._cluster, self._codecs, topic, positions, ends, max_records, max_bytes)
        with self._lock:
            self._readers.add(reader)
        return reader

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        self._check(topic, [partition])
        held = self._held(topic, [partition])[partition]
        before = min(before, held.end)
        found: list[Batch] = []
        step, room = min(count, _FIRST_PAGE), max_bytes
        first = stop = max(before, held.start)
        while stop > held.start and count > 0 and room > 0:
            first = max(stop - step, held.start)
            batch = self._fetcher.all(topic, partition, first, stop)
            found.insert(0, _newest(batch, room, at_least=0 if any(map(len, found)) else 1))
            if len(found[0]) < len(batch):
                break
            size = int(bytes_before(batch.records)[-1])
            room, count, stop = room - size, count - len(batch), first
            step = min(count, max(room * step // max(size, 1), 1))
        if not found:
            return self._fetcher.none(partition, before)
        return concatenated(*found) if len(found) > 1 else found[0]

    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        found = self._cluster.refresh().topic(topic)
        held = self._held(topic, range(found.partitions))
        whole = Topic(name=topic, partitions=found.partitions, id=self._cluster.topic_id(topic), created=None)
        positions = {p: offsets.start for p, offsets in held.items() if offsets.records}
        ends = {p: offsets.end for p, offsets in held.items()}
        with self.open(whole, positions, ends=ends) as reader:
            while any(offset < ends[p] for p, offset in positions.items()):
                try:
                    batch = reader.read(_CHECK_SECONDS)
                except DamagedBatchError as damage:
                    positions[damage.partition] = damage.stop
                    yield damage
                    continue
                if batch is None:
                    raise BrokerError(f"topic '{topic}' cannot be read to its end: {self._problem()}")
                positions[batch.partition] = batch.next_offset

    def close(self) -> None:
        """End the readers, once the cluster was closed. May be called again."""
        with self._lock:
            readers = [*self._readers]
        for reader in readers:
            reader.wake()
        self._watch.join()

    def _problem(self) -> str:
        return self._cluster.status.connection().problem or "no record came for 30 s"

    def _held(self, topic: str, partitions: "range | list[int] | Positions") -> dict[int, OffsetRange]:
        def held() -> dict[int, OffsetRange] | None:
            found = held_offsets(self._cluster, topic, partitions)
            return found if len(found) == len(partitions) else None

        return self._cluster.settled(held, f"no SPU leads each partition of topic '{topic}'")

    def _check(self, topic: str, partitions: "list[int] | Positions") -> None:
        """`UnknownTopicError`, or `BrokerError` for a partition, as far as the cluster is known."""
        self._cluster.check_open()
        view = self._cluster.view
        found = view.topics.get(topic) or self._cluster.refresh().topic(topic)
        for partition in partitions:
            Topic(name=topic, partitions=found.partitions, id="", created=None).check_partition(partition)


def _newest(batch: Batch, room: int, at_least: int) -> Batch:
    """The last records, in about so many bytes."""
    sizes = bytes_before(batch.records)
    first = int(np.searchsorted(sizes, sizes[-1] - room))
    return batch.slice(min(first, max(len(batch) - at_least, 0)), len(batch))
