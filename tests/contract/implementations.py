"""Brokers that the contract suite runs over, each with what happens to a log from outside."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from tests.contract.memory_broker import MemoryBroker
from tests.engine.runtime.wat_guests import by_hand


class Gaps(Protocol):
    """Makes offsets without a record."""

    def compact(self, topic: str, removed: Iterable[int], partition: int = 0) -> None:
        """Remove single records."""

    def skip(self, topic: str, offsets: int, partition: int = 0) -> None:
        """Use up offsets at the end, as transaction markers do."""


class Implementation(ABC):
    """An open broker."""

    broker: Broker
    earliest = 0
    """The earliest time after 1969 that records can have."""

    @abstractmethod
    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        """Remove the appends before an offset, at which one begins, as retention does."""

    @abstractmethod
    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        """Make the records of one append unreadable."""

    def gaps(self) -> Gaps:
        """What makes gaps in its logs; skips the test if nothing does."""
        pytest.skip("its logs have no gaps")

    def module_store(self) -> None:  # noqa: B027
        """Skip the test if it keeps no modules."""

    def a_filter(self) -> bytes:
        """A module that it keeps."""
        return by_hand("digit.wat")

    def close(self) -> None:
        self.broker.close()


class Embedded(Implementation):
    broker: EmbeddedBroker

    def __init__(self, folder: Path) -> None:
        self.broker = EmbeddedBroker.open(folder, durable=False)

    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        assert self.broker.log.trim(topic, partition, start).start == start

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        table = f"batches_{self.broker.topics.get(topic).id}_{partition}"
        with closing(sqlite3.connect(self.broker.folder / "log.db")) as connection, connection:
            query = f"UPDATE {table} SET crc32 = crc32 + 1 WHERE base = ? AND count = ?"
            assert connection.execute(query, (start, stop - start)).rowcount == 1


class InMemory(Implementation):
    broker: MemoryBroker

    def __init__(self) -> None:
        self.broker = MemoryBroker()

    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        self.broker.retain(topic, start, partition)

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        self.broker.damage(topic, start, stop, partition)

    def gaps(self) -> Gaps:
        return self.broker
