"""Consumers with a name: where each stopped in a topic is kept, so that it goes on there the next time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class KeptPosition:
    """Where a named consumer stopped in one partition."""

    consumer: str
    topic: str
    partition: int
    offset: int
    """The next one to read."""
    end: int
    """The offset after the last that the partition holds now."""
    committed: int
    """When it was last kept: milliseconds since the epoch, UTC."""

    @property
    def lag(self) -> int:
        """How many offsets it is behind the end."""
        return max(self.end - self.offset, 0)


class Claim(Protocol):
    """A named consumer in one topic, this holder's alone until it is closed: a context manager."""

    def positions(self) -> dict[int, int]:
        """The next offset to read of each partition that has a kept position."""

    def commit(self, positions: Mapping[int, int]) -> None:
        """Keep the next offset to read of each of these partitions.

        `UnknownTopicError` where the topic has been deleted, though there be another one of that name.
        """

    def close(self) -> None:
        """Let another one have it; once only."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class NamedConsumers(Protocol):
    """The consumers of a broker that have a name. Every method may be called from any thread."""

    def claim(self, consumer: str, topic: str) -> Claim:
        """Take a named consumer, of this or any other process; `ConsumerInUseError` where another has it.

        `BrokerError` where a consumer cannot have that name, `UnknownTopicError` where there is no topic.
        """

    def kept_positions(self) -> list[KeptPosition]:
        """All that are kept, by consumer, topic and partition."""

    def delete_positions(self, consumer: str, topic: str | None = None) -> list[str]:
        """Forget a consumer in one topic, or in all; the topics in which it had a position.

        `UnknownConsumerError` where it has none, with the nearest names, `ConsumerInUseError` while it runs.
        """
