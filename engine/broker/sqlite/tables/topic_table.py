"""The SQL on the table of topics: lookup, creation, deletion."""

import re
import sqlite3
from dataclasses import dataclass, replace

import pyarrow as pa

from engine.broker.sqlite.tables.schema import PARTITION_TABLE, partition_table
from engine.broker.topics import Compression, Topic, TopicOptions, unknown_topic
from engine.errors import BrokerError, DeletedTopicError
from engine.records.batch import SCHEMA, now_ms

MAX_PARTITIONS = 1024
MAX_NAME = 249

COMPRESSIONS: tuple[Compression, ...] = ("lz4", "none")
"""What the embedded broker knows."""
DEFAULT_COMPRESSION: Compression = "lz4"

_NAME = re.compile(rf"(?!-)[A-Za-z0-9._-]{{1,{MAX_NAME}}}")
_MAX_LIMIT = 2**53
_VALUE = SCHEMA.get_field_index("value")
_SCHEMA_OF_VERSION_1 = SCHEMA.set(_VALUE, SCHEMA.field(_VALUE).with_nullable(False))
_SCHEMA = SCHEMA.serialize().to_pybytes()
_COLUMNS = "id, name, partitions, created, codec, retention_bytes, retention_ms, schema"


@dataclass(frozen=True, slots=True)
class StoredTopic:
    """A topic as it is stored."""

    id: int
    """As a number; see `Topic.id`."""
    topic: Topic
    options: TopicOptions

    def table(self, partition: int) -> str:
        """The table of a partition; `BrokerError` if the topic has no such partition."""
        return table_of(self.topic, partition)


def table_of(topic: Topic, partition: int) -> str:
    """The table of a partition; `BrokerError` if the topic has no such partition."""
    topic.check_partition(partition)
    return partition_table(int(topic.id), partition)


def check_name(name: str, what: str) -> None:
    """`BrokerError` if a topic, or whatever `what` says, cannot have that name."""
    if not _NAME.fullmatch(name) or name in (".", ".."):
        shown = name if len(name) <= MAX_NAME else f"{name[:40]}…"
        raise BrokerError(
            f"a {what} cannot be called '{shown}'",
            f"use 1 to {MAX_NAME} of a-z, A-Z, 0-9, '.', '_' and '-', and do not begin with '-'",
        )


def check_compression(compression: Compression) -> None:
    """`BrokerError` if the embedded broker cannot compress so."""
    if compression not in COMPRESSIONS:
        raise BrokerError(
            f"the embedded broker cannot compress with {compression}", f"use {' or '.join(COMPRESSIONS)}"
        )


def check_new_topic(name: str, partitions: int, options: TopicOptions) -> None:
    """`BrokerError` if a topic cannot have that name or that many partitions, or cannot be kept so."""
    check_name(name, "topic")
    if not 1 <= partitions <= MAX_PARTITIONS:
        raise BrokerError(
            f"topic '{name}' cannot have {partitions} partitions",
            f"choose from 1 to {MAX_PARTITIONS} partitions",
        )
    if options.compression is not None:
        check_compression(options.compression)
    if (options.replicas or 1) != 1:
        raise BrokerError(
            f"topic '{name}' cannot have {options.replicas} replicas: the embedded broker keeps one",
            "leave --replicas out, or use a cluster: --broker kafka://HOST:PORT",
        )
    if options.config:
        raise BrokerError(f"the embedded broker has no topic setting '{next(iter(options.config))}'")
    for limit, what in ((options.retention_bytes, "bytes"), (options.retention_ms, "milliseconds")):
        if limit is not None and not 0 <= limit <= _MAX_LIMIT:
            raise BrokerError(f"a topic cannot keep {limit} {what}", f"choose from 0 to {_MAX_LIMIT} {what}")


def all_topics(connection: sqlite3.Connection, *, deleted: bool = False) -> list[StoredTopic]:
    """All topics, by name; or the deleted ones whose records are still on disk."""
    query = f"SELECT {_COLUMNS} FROM topics WHERE deleted = ? ORDER BY name"
    return [_stored(row) for row in connection.execute(query, (deleted,)).fetchall()]


def live_topics(connection: sqlite3.Connection) -> list[Topic]:
    """All topics as `all_topics`, also those with columns that this version does not know."""
    query = "SELECT id, name, partitions, created FROM topics WHERE deleted = 0 ORDER BY name"
    rows = connection.execute(query).fetchall()
    return [Topic(name=n, partitions=p, id=f"{number}", created=created) for number, n, p, created in rows]


def stored_options(connection: sqlite3.Connection, number: int) -> TopicOptions:
    """How a topic is kept, by its number."""
    query = "SELECT retention_bytes, retention_ms, codec FROM topics WHERE id = ?"
    retention_bytes, retention_ms, codec = connection.execute(query, (number,)).fetchone()
    return TopicOptions(retention_bytes=retention_bytes, retention_ms=retention_ms, compression=codec)


def last_topic_id(connection: sqlite3.Connection) -> int:
    """The greatest number that any topic ever had."""
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'topics'"
    (found,) = connection.execute(query).fetchone() or (0,)
    return int(found)


def raise_last_topic_id(connection: sqlite3.Connection, number: int) -> None:
    """Let new topics have greater numbers; inside the caller's transaction."""
    if last_topic_id(connection) < number:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'topics'")
        connection.execute("INSERT INTO sqlite_sequence VALUES ('topics', ?)", (number,))


def find_topic(connection: sqlite3.Connection, name: str) -> StoredTopic:
    """One topic; `UnknownTopicError`."""
    query = f"SELECT {_COLUMNS} FROM topics WHERE name = ? AND deleted = 0"
    row = connection.execute(query, (name,)).fetchone()
    if row is not None:
        return _stored(row)
    names = [other for (other,) in connection.execute("SELECT name FROM topics WHERE deleted = 0").fetchall()]
    raise unknown_topic(name, names)


def is_live(connection: sqlite3.Connection, topic: Topic) -> bool:
    """Whether the topic has not been deleted."""
    query = "SELECT 1 FROM topics WHERE id = ? AND deleted = 0"
    return connection.execute(query, (int(topic.id),)).fetchone() is not None


def check_live(connection: sqlite3.Connection, topic: Topic) -> None:
    """`DeletedTopicError` if the topic has been deleted, also if there is another one of its name."""
    if is_live(connection, topic):
        return
    query = "SELECT 1 FROM topics WHERE name = ? AND deleted = 0"
    another = connection.execute(query, (topic.name,)).fetchone()
    remedy = "there is another one of that name now: read that from its beginning" if another else ""
    raise DeletedTopicError(topic.name, remedy)


def insert_topic(
    connection: sqlite3.Connection,
    name: str,
    partitions: int,
    options: TopicOptions,
    number: int | None = None,
) -> StoredTopic:
    """Create a topic and its tables inside the caller's transaction; `BrokerError` if it exists.

    Its number is the next one if none is given.
    """
    if connection.execute("SELECT 1 FROM topics WHERE name = ? AND deleted = 0", (name,)).fetchone():
        raise BrokerError(f"topic '{name}' already exists", "choose another name, or use the topic as it is")
    created = now_ms()
    retention = options.retention_bytes, options.retention_ms
    compression = options.compression or DEFAULT_COMPRESSION
    options = replace(options, compression=compression)
    values = (number, name, partitions, created, compression, *retention, _SCHEMA)
    query = f"INSERT INTO topics ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    number = connection.execute(query, values).lastrowid
    assert number is not None
    for partition in range(partitions):
        connection.execute(PARTITION_TABLE.format(table=partition_table(number, partition)))
    return StoredTopic(
        number, Topic(name=name, partitions=partitions, id=f"{number}", created=created), options
    )


def mark_deleted(connection: sqlite3.Connection, name: str) -> StoredTopic:
    """Delete a topic inside the caller's transaction; its records are removed later, in steps."""
    topic = find_topic(connection, name)
    connection.execute("UPDATE topics SET deleted = 1 WHERE id = ?", (topic.id,))
    return topic


def drop_topic(connection: sqlite3.Connection, topic: StoredTopic) -> None:
    """Remove a deleted topic, whose tables are empty."""
    for partition in range(topic.topic.partitions):
        connection.execute(f"DROP TABLE {topic.table(partition)}")
    connection.execute("DELETE FROM topics WHERE id = ?", (topic.id,))


def _stored(row: tuple[int, str, int, int, Compression, int | None, int | None, bytes]) -> StoredTopic:
    number, name, partitions, created, compression, retention_bytes, retention_ms, schema = row
    if not _is_our_schema(schema):
        raise BrokerError(
            f"topic '{name}' holds records with columns that this version of fluvio-tui does not know",
            "use the version that created it or a newer one",
        )
    topic = Topic(name=name, partitions=partitions, id=f"{number}", created=created)
    options = TopicOptions(
        retention_bytes=retention_bytes, retention_ms=retention_ms, compression=compression
    )
    return StoredTopic(number, topic, options)


def _is_our_schema(stored: bytes) -> bool:
    if stored == _SCHEMA:
        return True
    try:  # another version of Arrow may write the same schema in other bytes
        schema = pa.ipc.read_schema(pa.py_buffer(stored))
    except (pa.ArrowException, ValueError, OSError, TypeError):
        return False
    return schema.equals(SCHEMA) or schema.equals(_SCHEMA_OF_VERSION_1)


def allow_tombstones(connection: sqlite3.Connection, topic: StoredTopic) -> None:
    """Give a topic of version 1, whose records had to have values, the current schema.

    Not before its first tombstone: from then on programs of version 1 refuse it.
    """
    query = "UPDATE topics SET schema = ? WHERE id = ? AND schema != ?"
    connection.execute(query, (_SCHEMA, topic.id, _SCHEMA))
