"""The topics of the embedded broker."""

import logging
import sqlite3
from collections.abc import Sequence

from engine.broker.sqlite.damage.end_mark import DELETED, RESERVED, EndMark, MarkedEnd
from engine.broker.sqlite.maintenance import Maintainer
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables import position_table as positions
from engine.broker.sqlite.tables.topic_table import (
    StoredTopic,
    all_topics,
    check_new_topic,
    find_topic,
    insert_topic,
    mark_deleted,
)
from engine.broker.sqlite.writer import Writer
from engine.broker.topics import PartitionDescription, Topic, TopicDescription, TopicOptions, Topics

_LOG = logging.getLogger(__name__)


class EmbeddedTopics(Topics):
    """The `Topics` of an embedded log."""

    def __init__(self, pool: ReadPool, writer: Writer, mark: EndMark, maintainer: Maintainer) -> None:
        self._pool = pool
        self._writer = writer
        self._mark = mark
        self._maintainer = maintainer

    def list(self) -> Sequence[Topic]:
        with self._pool.snapshot() as connection:
            return [stored.topic for stored in all_topics(connection)]

    def get(self, name: str) -> Topic:
        with self._pool.snapshot() as connection:
            return find_topic(connection, name).topic

    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        options = options or TopicOptions()
        check_new_topic(name, partitions, options)

        def insert(connection: sqlite3.Connection) -> StoredTopic:
            stored = insert_topic(connection, name, partitions, options)
            self._mark.reserve(_ends(stored, RESERVED))
            return stored

        stored = self._writer.run(insert, ends=lambda stored: _ends(stored, 0))
        _LOG.info("created topic %s, partitions %d, %s", name, partitions, options)
        return stored.topic

    def delete(self, name: str) -> None:
        def delete(connection: sqlite3.Connection) -> StoredTopic:
            stored = mark_deleted(connection, name)
            positions.forget(connection, stored)
            return stored

        self._writer.run(delete, frees=True, ends=lambda stored: _ends(stored, DELETED))
        _LOG.info("deleted topic %s", name)
        self._maintainer.clean_up()

    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        # In one snapshot: a topic that is deleted meanwhile is described as a whole, or not at all.
        with self._pool.snapshot() as connection:
            found = all_topics(connection) if name is None else [find_topic(connection, name)]
            return [_description(connection, stored) for stored in found]


def _ends(stored: StoredTopic, end: int) -> list[MarkedEnd]:
    partitions = range(stored.topic.partitions)
    return [MarkedEnd(topic=stored.id, name=stored.topic.name, partition=p, end=end) for p in partitions]


def _description(connection: sqlite3.Connection, stored: StoredTopic) -> TopicDescription:
    tables = map(stored.table, range(stored.topic.partitions))
    partitions = tuple(
        PartitionDescription(
            partition=partition,
            offsets=sql.offsets(connection, table),
            bytes=sql.stored_bytes(connection, table),
        )
        for partition, table in enumerate(tables)
    )
    return TopicDescription(topic=stored.topic, options=stored.options, partitions=partitions)
