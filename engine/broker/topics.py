"""Topics: what they are, how they are kept, and what they hold. Light to import, for shell completion."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import BrokerError, UnknownTopicError, did_you_mean

Compression = Literal["lz4", "none", "gzip", "snappy", "zstd"]
"""How a broker compresses records where it keeps them."""
COMPRESSIONS: tuple[Compression, ...] = ("lz4", "none", "gzip", "snappy", "zstd")
MAX_RECORD_BYTES = 16 << 20
"""Bytes of key, value and headers that a record may have, by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as it was created."""

    name: str
    partitions: int
    id: str
    """Never used again, unlike the name: a topic that is deleted and created again is another one."""
    created: int | None
    """Milliseconds since the epoch, UTC; None if the broker does not know."""

    def check_partition(self, partition: int) -> None:
        """`BrokerError` if the topic has no such partition."""
        if not 0 <= partition < self.partitions:
            last = self.partitions - 1
            which = f"{self.partitions} partitions, 0 to {last}" if last else "one partition, 0"
            raise BrokerError(f"topic '{self.name}' has {which}, and no partition {partition}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicOptions:
    """How a topic is kept. Each partition drops its oldest records, in steps, and never the newest ones.

    What a broker does not support is a `BrokerError` when a topic is created with it.
    """

    retention_bytes: int | None = None
    """About how many stored bytes a partition keeps; None keeps all."""
    retention_ms: int | None = None
    """How long records are kept after their timestamp, in milliseconds; None keeps all."""
    compression: Compression | None = None
    """None is the broker's default, or described: unknown."""
    replicas: int | None = None
    """How many brokers keep each partition; None is the broker's default, or described: unknown."""
    config: Mapping[str, str] = field(default_factory=dict)
    """More settings, by the broker's own names; described, those that are not its defaults."""


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """What one partition holds: offsets from `start` to before `end`."""

    start: int
    end: int
    exact: bool = True
    """Whether each of these offsets has a record; else there may be gaps, so fewer records than offsets."""

    @property
    def records(self) -> int:
        """How many records there are; where the range is not exact, at most."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionDescription:
    """What one partition holds."""

    partition: int
    offsets: OffsetRange
    bytes: int | None
    """As they are stored; None if the broker does not know."""
    leader: int | None = None
    """The broker of a cluster that leads the partition; None if none does, or this is no cluster."""
    replicas: tuple[int, ...] = ()
    """The brokers that keep the partition; empty if this is no cluster."""
    in_sync: tuple[int, ...] = ()
    """Those of the `replicas` that have every acknowledged record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDescription:
    """A topic, how it is kept, and what each of its partitions holds."""

    topic: Topic
    options: TopicOptions
    partitions: tuple[PartitionDescription, ...]

    @property
    def records(self) -> int:
        """How many records all partitions hold; where a range is not exact, at most."""
        return sum(partition.offsets.records for partition in self.partitions)


class Topics(ABC):
    """The topics of a broker. Every method may be called from any thread."""

    @abstractmethod
    def list(self) -> Sequence[Topic]:
        """All topics, by name."""

    @abstractmethod
    def get(self, name: str) -> Topic:
        """One topic; `UnknownTopicError`, with the nearest names, if it does not exist."""

    @abstractmethod
    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        """Create a topic.

        `BrokerError` if it exists, the name or the number of partitions is not allowed, or the broker does
        not support an option.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a topic with its records and the positions of consumers in it; `UnknownTopicError`.

        Its readers get `DeletedTopicError` from then on.
        """

    @abstractmethod
    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        """One topic, or all by name, as they are now; `UnknownTopicError`."""


def unknown_topic(name: str, names: Iterable[str] = ()) -> UnknownTopicError:
    """The error for a topic that is not among `names`, with the nearest of them."""
    return UnknownTopicError(f"there is no topic '{name}'", did_you_mean(name, names), subject=name)
