"""What a broker in memory keeps: topics, their records, and what named consumers saved."""

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.topics import OffsetRange, Topic, TopicOptions
from engine.errors import BrokerClosedError, BrokerError, BrokerUnreachableError, UnknownTopicError
from engine.records.batch import Batch, record_batch
from tests.waiting import PATIENCE


@dataclass
class Partition:
    """The records of one partition; offsets that are not among `offsets` are gaps."""

    records: pa.RecordBatch = field(default_factory=lambda: record_batch([]))
    offsets: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    start: int = 0
    end: int = 0
    damaged: list[range] = field(default_factory=list)

    @property
    def held(self) -> OffsetRange:
        return OffsetRange(self.start, self.end, exact=len(self.offsets) == self.end - self.start)

    def keep(self, chosen: npt.NDArray[np.bool_]) -> None:
        self.records = self.records.filter(pa.array(chosen))
        self.offsets = self.offsets[chosen]

    def between(self, partition: int, first: int, stop: int, next_offset: int, lost: int = 0) -> Batch:
        """The records from one index to before another."""
        return Batch(
            partition=partition,
            records=self.records.slice(first, stop - first),
            offsets=self.offsets[first:stop],
            next_offset=next_offset,
            lost=lost,
        )


@dataclass
class MemoryTopic:
    topic: Topic
    options: TopicOptions
    partitions: list[Partition]
    positions: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """By consumer and partition: the offset, and when it was saved."""
    states: dict[tuple[str, int], bytes] = field(default_factory=dict)


class Store:
    """All topics, under one lock."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.topics: dict[str, MemoryTopic] = {}
        self.ids = count(1)
        self.closed = False
        self.held_back = False
        """Whether reads find nothing for now."""
        self.answers = threading.Event()
        self.answers.set()
        self.drawing: int | None = None
        self.drawing_calls: list[str] = []

    def ask(self) -> None:
        """What each call does first: as over a network, it may wait."""
        if threading.get_ident() == self.drawing:
            self.drawing_calls.append("".join(traceback.format_stack(limit=8)))
        if not self.answers.wait(PATIENCE):
            raise BrokerUnreachableError("the broker in memory does not answer")

    @contextmanager
    def open(self) -> Iterator[None]:
        self.ask()
        with self.changed:
            if self.closed:
                raise BrokerClosedError("the broker is closed")
            yield

    def find(self, name: str) -> MemoryTopic:
        found = self.topics.get(name)
        if found is None:
            raise UnknownTopicError(f"there is no topic '{name}'")
        return found

    def partition(self, topic: str, partition: int) -> Partition:
        found = self.find(topic)
        if not 0 <= partition < len(found.partitions):
            raise BrokerError(f"topic '{topic}' has no partition {partition}")
        return found.partitions[partition]


def data_sizes(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Bytes of key and value of each record."""
    rows = zip(records.column("key").to_pylist(), records.column("value").to_pylist(), strict=True)
    return np.array([len(key or b"") + len(value or b"") for key, value in rows], np.int64)
