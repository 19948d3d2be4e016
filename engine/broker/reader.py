"""Reading a topic from a position in each partition on."""

from abc import ABC, abstractmethod
from typing import Self

from engine.records.batch import Batch


class Reader(ABC):
    """Reads partitions of one topic in turn: a context manager.

    One thread reads; any thread may interrupt.
    """

    @abstractmethod
    def read(self, timeout: float) -> Batch | None:
        """The next records of a partition, waiting up to `timeout` seconds for some; None if none came.

        A batch begins at the partition's position, and its `next_offset` is the next position. It may be
        empty and still move on: past offsets that have no record, or that retention has removed, which
        `lost` counts.

        `DeletedTopicError` once the topic is deleted, even if another one has its name. `DamagedBatchError`
        if stored records are not those that were written; the next read goes on after them.
        `BrokerClosedError` once the broker is closed.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Make the read that is under way return None soon, or else the next one."""

    @abstractmethod
    def close(self) -> None:
        """Free what the reader holds; no read may be under way. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
