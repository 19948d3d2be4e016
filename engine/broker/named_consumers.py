"""Consumers with a name: their positions in a topic are saved, so that they resume there."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from engine.broker.log import Appended, NewRecords, Positions
from engine.errors import UnknownConsumerError, did_you_mean

States = Mapping[int, bytes]
"""What a consumer keeps with its position, such as accumulators, by partition."""
NO_STATES: States = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPosition:
    """Where a named consumer is in one partition."""

    consumer: str
    topic: str
    partition: int
    offset: int
    """The next one to read."""
    end: int
    """The offset after the last one that the partition holds now."""
    committed: int | None
    """When it was saved: milliseconds since the epoch, UTC; None if the broker does not know."""

    @property
    def lag(self) -> int:
        """How many offsets it is behind the end."""
        return max(self.end - self.offset, 0)


class Claim(ABC):
    """A named consumer in one topic, exclusive to its holder until it is closed: a context manager."""

    @abstractmethod
    def positions(self) -> dict[int, int]:
        """The next offset to read of each partition that has a saved position."""

    @abstractmethod
    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        """Save the next offset to read of each of these partitions, and its state or none, in one step.

        `UnknownTopicError` once the topic is deleted, even if another one has its name; `BrokerError` if
        there are states and the broker keeps none; `PositionsLostError` if others may have the partitions.
        """

    @abstractmethod
    def states(self) -> dict[int, bytes]:
        """What was saved with the positions."""

    @abstractmethod
    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        """Append records and save positions in one transaction: all of it, or nothing.

        Errors as `Log.append` and `commit`; `BrokerError` from a broker without transactions.
        """

    def rebalance(self, save: Callable[[], None]) -> bool:  # noqa: ARG002
        """Let partitions change if others share the consumer; whether they did. Call it again and again.

        `save` is called before, to save positions, unless the partitions are lost to others already. It may
        be called again, also after it failed. Then go on from the positions that are saved.
        """
        return False

    def partitions(self) -> frozenset[int] | None:
        """Those to read until `rebalance` changes them; None for all."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Release the consumer for others; once only."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class NamedConsumers(ABC):
    """The named consumers of a broker. Every method may be called from any thread."""

    @abstractmethod
    def claim(self, consumer: str, topic: str) -> Claim:
        """Take a named consumer for this process alone; `ConsumerInUseError` while it runs elsewhere.

        `BrokerError` if a consumer cannot have that name; `UnknownTopicError`.
        """

    def share(self, consumer: str, topic: str) -> Claim:
        """Take part in a named consumer: each process gets partitions of its own.

        A broker that cannot share a consumer lets only one process have it, as `claim` does.
        """
        return self.claim(consumer, topic)

    @abstractmethod
    def saved_positions(self) -> Sequence[SavedPosition]:
        """All saved positions, by consumer, topic and partition."""

    @abstractmethod
    def delete_positions(self, consumer: str, topic: str | None = None) -> Sequence[str]:
        """Forget a consumer in one topic, or in all; the topics in which it had a position.

        `UnknownConsumerError`, with the nearest names, if it has none; `ConsumerInUseError` while it runs.
        """


def chosen_topics(
    consumer: str, topic: str | None, topics: Sequence[str], consumers: Callable[[], Iterable[str]]
) -> Sequence[str]:
    """The `topics` in which a consumer has positions, or the one of them that is asked for.

    `UnknownConsumerError` if there is none, with the nearest of all `consumers`.
    """
    message = f"no saved position for consumer '{consumer}'"
    if not topics:
        raise UnknownConsumerError(message, did_you_mean(consumer, sorted(consumers())), subject=consumer)
    if topic is None:
        return topics
    if topic not in topics:
        elsewhere = " and ".join(f"'{name}'" for name in topics)
        raise UnknownConsumerError(f"{message} in topic '{topic}'", f"there is one in {elsewhere}")
    return [topic]
