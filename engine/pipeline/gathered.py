"""Records that wait for the next write of a pipeline."""

from collections import defaultdict
from collections.abc import Mapping

import pyarrow as pa

from engine.broker.log import NewRecords
from engine.broker.topics import Topic
from engine.producer.partitioner import KeyHashes, Partitioner
from engine.records.batch import joined


class Gathered:
    """Records for some topics, in the order in which they are to be appended."""

    def __init__(self, topics: Mapping[str, Topic], key_hashes: KeyHashes) -> None:
        self._partitioners = {
            name: Partitioner(topic.partitions, key_hashes) for name, topic in topics.items()
        }
        self._waiting: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self.bytes = 0

    def add(self, topic: str, records: pa.RecordBatch) -> None:
        if records.num_rows:
            self._waiting[topic].append(records)
            self.bytes += records.nbytes

    def take(self) -> list[NewRecords]:
        """All that waits, by partition."""
        waiting, self._waiting, self.bytes = self._waiting, defaultdict(list), 0
        return [
            NewRecords(topic=topic, partition=partition, records=part)
            for topic, batches in waiting.items()
            for partition, part in self._partitioners[topic].split(joined(batches))
        ]
