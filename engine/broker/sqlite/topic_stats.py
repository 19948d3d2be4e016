"""What a topic holds, looked up in one go: a topic deleted meanwhile is there with all, or not at all."""

import sqlite3
from dataclasses import dataclass

from engine.broker.log import OffsetRange
from engine.broker.sqlite import partition_table as sql
from engine.broker.sqlite.topic_table import StoredTopic


@dataclass(frozen=True, slots=True)
class PartitionContents:
    """What one partition holds."""

    partition: int
    offsets: OffsetRange
    bytes: int
    """As they are stored, without what the database takes beside them."""

    @property
    def records(self) -> int:
        """How many there are."""
        return self.offsets.end - self.offsets.start


@dataclass(frozen=True, slots=True)
class TopicContents:
    """A topic, how it is stored, and what each of its partitions holds."""

    stored: StoredTopic
    partitions: tuple[PartitionContents, ...]

    @property
    def records(self) -> int:
        """How many there are in all partitions."""
        return sum(partition.records for partition in self.partitions)


def contents(connection: sqlite3.Connection, topic: StoredTopic) -> TopicContents:
    """What a topic holds now."""
    tables = [topic.table(partition) for partition in range(topic.topic.partitions)]
    return TopicContents(
        topic,
        tuple(
            PartitionContents(partition, sql.offsets(connection, table), sql.stored_bytes(connection, table))
            for partition, table in enumerate(tables)
        ),
    )
