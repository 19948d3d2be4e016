"""A topic on a Fluvio cluster that is appended to and read all the time, while servers go down."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.topics import Topic, TopicOptions
from engine.errors import BrokerError, BrokerUnreachableError
from engine.records.batch import record_batch
from tests.engine.broker.fluvio.conftest import connected
from tests.fluvio_cluster import FluvioCluster
from tests.waiting import PATIENCE, wait_for, wait_until

REPLICATED = TopicOptions(replicas=3)


class Load:
    """Appends numbered records until it is stopped, and keeps those that were acknowledged."""

    def __init__(self, broker: FluvioBroker, topic: str) -> None:
        self._broker = broker
        self._topic = topic
        self._stop = threading.Event()
        self.acknowledged: list[tuple[int, bytes]] = []
        self.refused: list[bytes] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            # The SC elects no replica that is four or more records behind, as far as it knows.
            values = [b"%d" % (number + n) for n in range(2)]
            number += 2
            try:
                first = self._broker.log.append(self._topic, record_batch(values)).first
            except BrokerError:
                self.refused += values
                continue
            self.acknowledged += enumerate(values, first)

    def goes_on(self) -> None:
        """Wait until more was acknowledged."""
        assert self.went_on(200)

    def went_on(self, seconds: float) -> bool:
        """Whether more is acknowledged within a time."""
        before, end = len(self.acknowledged), time.monotonic() + seconds
        wait_until(lambda: len(self.acknowledged) > before or time.monotonic() > end, seconds + PATIENCE)
        return len(self.acknowledged) > before

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


class Followed:
    """What a reader gets that stays open."""

    def __init__(self, broker: FluvioBroker, topic: Topic) -> None:
        self._reader = broker.log.open(topic, {0: 0})
        self._stop = threading.Event()
        self.values: list[bytes | None] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            if (batch := self._reader.read(0.2)) is not None:
                assert batch.first_offset == len(self.values)
                assert batch.lost == 0
                self.values += batch.records.column("value").to_pylist()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._reader.close()


def end_of(broker: FluvioBroker, topic: str) -> int:
    """The end of a topic's partition; -1 while no SPU leads it."""
    try:
        return broker.log.offsets(topic)[0].end
    except BrokerUnreachableError:
        return -1


@contextmanager
def under_load(cluster: FluvioCluster) -> Iterator[tuple[Load, Followed, FluvioBroker]]:
    """A topic with three replicas that is appended to and read all the time, then checked."""
    with connected(cluster, fetch_bytes="3000") as broker, connected(cluster) as other:
        topic = broker.topics.create("orders", 1, REPLICATED)
        followed, load = Followed(broker, topic), Load(other, "orders")
        try:
            load.goes_on()
            yield load, followed, broker
            load.goes_on()
        finally:
            load.stop()
            try:
                end = wait_for(lambda: end_of(other, "orders"), lambda found: found >= 0, 200)
                wait_until(lambda: len(followed.values) >= end, 200)
            finally:
                followed.stop()
        stored = dict(enumerate(followed.values))
        assert all(stored[offset] == value for offset, value in load.acknowledged)
        assert len({*followed.values}) == len(followed.values)
        appended = [value for value in followed.values if value not in {*load.refused}]
        assert appended == [value for _, value in load.acknowledged]
