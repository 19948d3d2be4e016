"""Notices when stored SmartStreams of a cluster change, whichever client changes them."""

import threading

from engine.broker.kafka.clients import SLICE, Clients
from engine.broker.kafka.offsets import offset_ranges
from engine.broker.kafka.reader import KafkaReader
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import READ_BYTES, READ_RECORDS
from engine.broker.module_store import OnModuleChange
from engine.broker.topics import Topic
from engine.errors import BrokerClosedError, BrokerError
from engine.records.batch import Batch, Record

_LOOK_SECONDS = 0.5
"""Between looks for the topic, while there is none, and for a cluster that does not answer."""


class Watch:
    """One watched module. Its callback is called under its lock, so that none runs after `close`."""

    def __init__(self, name: str, on_change: OnModuleChange, topic: str, since: int) -> None:
        """Changes before the offset `since` of the topic with the id `topic` are not reported."""
        self._name = name.encode()
        self._on_change = on_change
        self._topic = topic
        self._since = since
        self._lock = threading.RLock()
        self.closed = False

    def take(self, topic: Topic, record: Record) -> None:
        """A record of the topic of modules."""
        if record.key != self._name or (topic.id == self._topic and record.offset < self._since):
            return
        with self._lock:
            if not self.closed:
                self._on_change(None if record.value is None else record.timestamp / 1000)

    def close(self) -> None:
        with self._lock:
            self.closed = True


class ModuleWatcher:
    """Watches any number of modules, on a thread that the first one starts."""

    def __init__(self, clients: Clients, topics: KafkaTopics, name: str) -> None:
        self._clients = clients
        self._topics = topics
        self._name = name
        self._lock = threading.Lock()
        self._watches: list[Watch] = []
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def watch(self, name: str, on_change: OnModuleChange) -> Watch:
        """`BrokerError` if the cluster does not answer now."""
        topic, end = "", 0
        if (known := self._topics.find(self._name)) is not None:
            topic, end = known.id, offset_ranges(self._clients, self._name, [0])[0].end
        found = Watch(name, on_change, topic, end)
        with self._lock:
            self._watches = [*(one for one in self._watches if not one.closed), found]
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(
                    target=self._run, args=(topic, end), name="watch modules", daemon=True
                )
                self._thread.start()
        return found

    def close(self) -> None:
        """End the thread. May be called again."""
        self._closing.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self, topic: str, position: int) -> None:
        while not self._closing.is_set():
            try:
                found = self._topics.find(self._name)
                if found is None:
                    self._closing.wait(_LOOK_SECONDS)
                    continue
                if found.id != topic:
                    topic, position = found.id, 0
                position = self._follow(found, position)
            except BrokerClosedError:
                return
            except BrokerError:  # the topic was deleted, or the cluster does not answer: see `connection`
                self._closing.wait(_LOOK_SECONDS)

    def _follow(self, topic: Topic, position: int) -> int:
        """Report changes until this is closed; errors as `Reader.read`."""
        with KafkaReader(self._clients, topic, {0: position}, {}, READ_RECORDS, READ_BYTES) as reader:
            while not self._closing.is_set():
                batch = reader.read(SLICE)
                if batch is not None:
                    self._report(topic, batch)
                    position = batch.next_offset
        return position

    def _report(self, topic: Topic, batch: Batch) -> None:
        with self._lock:
            watches = [one for one in self._watches if not one.closed]
        for index in range(len(batch)):
            record = batch.record(index)
            for watch in watches:
                watch.take(topic, record)
