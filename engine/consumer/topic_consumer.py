"""What reads a topic, wherever its SmartStreams run."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypedDict

from engine.broker.topics import Topic
from engine.consumer.delivery import Delivery
from engine.errors import DamagedBatchError
from engine.records.batch import TimeRange


class TopicConsumer(Protocol):
    """A position in each partition of a topic. Belongs to one thread."""

    positions: dict[int, int]
    lost: int
    """Offsets that were removed from the log before it read them."""
    damaged: int
    """Records that were skipped as damaged."""

    def poll(self, timeout: float) -> Delivery | None:
        """The next records, waiting up to `timeout` seconds for some; None if none came."""

    def reopen(self, topic: Topic, positions: Mapping[int, int]) -> None:
        """Read another topic or other partitions from now on; what is read but not delivered is forgotten."""

    @property
    def delivered(self) -> dict[int, int]:
        """The offset of each partition before which everything was delivered."""

    @property
    def pending(self) -> int:
        """Records that are read but not evaluated."""

    @property
    def finished(self) -> bool:
        """Whether everything before the ends of all partitions was delivered."""

    @property
    def memory(self) -> int | None:
        """Of SmartStreams that run here, in bytes; None without one."""

    def close(self) -> None:
        """Free what it holds. May be called again."""


class ConsumerOptions(TypedDict):
    """What a consumer is opened with, wherever its SmartStreams run; as for `Consumer`."""

    include_failed: bool
    ends: Mapping[int, int]
    times: TimeRange | None
    on_damage: Callable[[DamagedBatchError], None] | None


class OpenConsumer(Protocol):
    """Opens a consumer whose SmartStreams are there already."""

    def __call__(self, *, positions: Mapping[int, int]) -> TopicConsumer:
        """Read from some positions on."""
