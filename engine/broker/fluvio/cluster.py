"""A cluster as its SC describes it, and the servers that lead its partitions."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from engine.broker.fluvio.deletions import Deletions
from engine.broker.fluvio.profile import ClusterPlace
from engine.broker.fluvio.protocol import admin, objects
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.protocol.link import ANSWER_SECONDS, Api, Endpoint, Link, Links
from engine.broker.fluvio.protocol.wire import Decoder, Encoder
from engine.broker.fluvio.status import ClusterStatus
from engine.broker.topics import Topic, unknown_topic
from engine.errors import (
    BrokerClosedError,
    BrokerError,
    BrokerUnreachableError,
    DeletedTopicError,
)

T = TypeVar("T")

_RETRY_SECONDS = 0.05
_DELETION_SECONDS = 0.3
CONTROLLER = "SC"
"""The part of the cluster that keeps its metadata."""


class NoLeaderError(BrokerUnreachableError):
    """No SPU that is online leads a partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterView:
    """A cluster at one moment."""

    topics: Mapping[str, objects.TopicObject] = field(default_factory=dict)
    partitions: Mapping[tuple[str, int], objects.PartitionObject] = field(default_factory=dict)
    spus: Mapping[int, objects.SpuObject] = field(default_factory=dict)
    taken: float = 0.0
    """When, by `time.monotonic()`."""

    def topic(self, name: str) -> objects.TopicObject:
        """`UnknownTopicError`, with the nearest names."""
        found = self.topics.get(name)
        if found is None:
            raise unknown_topic(name, (one for one, it in self.topics.items() if not it.config.system))
        return found


class Cluster:
    """A connection to a cluster. Any thread may use it.

    `BrokerUnreachableError` while a server does not answer, `BrokerClosedError` after `close`.
    """

    def __init__(self, place: ClusterPlace, name: str) -> None:
        self.name = name
        self.status = ClusterStatus()
        self.links = Links()
        self.fetch_bytes = place.fetch_bytes
        self._place = place
        self._lock = threading.Lock()
        self._view = ClusterView()
        self._deletions = Deletions()
        self._closed = threading.Event()

    @property
    def view(self) -> ClusterView:
        """The cluster as it was known last, without asking it."""
        return self._view

    def handshake(self) -> admin.ServerVersions:
        """What the SC speaks; `BrokerError` if it is too old or too new for this client."""
        found = admin.read_versions(self.controller(admin.VERSIONS, admin.versions_request()))
        if not all(found.speaks(api) for api in (admin.LIST, admin.CREATE, admin.DELETE)):
            raise BrokerError(
                f"{self.name} runs Fluvio {found.platform}, which this program does not speak",
                "use a cluster of Fluvio 0.18 (crates 0.50)",
            )
        return found

    def controller(self, api: Api, body: Encoder, timeout: float = ANSWER_SECONDS) -> Decoder:
        """Ask the SC."""
        self.check_open()
        with self.status.watching(CONTROLLER):
            return self.links.call(self._place.controller, api, body, timeout)

    def controller_link(self) -> Link:
        """A connection of its own to the SC."""
        self.check_open()
        return Link(self._place.controller)

    def _list(self, kind: str, read: Callable[[Decoder], T], timeout: float) -> list[T]:
        """All objects of a kind (`admin.TOPIC`, …)."""
        return admin.read_list(self.controller(admin.LIST, admin.list_request(kind), timeout), read)

    def create(
        self, kind: str, name: str, write: Callable[[Encoder], object], timeout: float
    ) -> ServerError | None:
        """Create an object; what the SC says against it."""
        body = admin.create_request(kind, name, write, int(timeout * 1_000))
        return admin.read_status(self.controller(admin.CREATE, body, timeout))

    def delete(self, kind: str, name: str) -> ServerError | None:
        """Delete an object; what the SC says against it."""
        return admin.read_status(self.controller(admin.DELETE, admin.delete_request(kind, name)))

    def refresh(self, younger_than: float = 0.0, *, timeout: float = ANSWER_SECONDS) -> ClusterView:
        """Ask the SC how the cluster is, unless it was asked in the last `younger_than` seconds.

        Each of its answers may take `timeout` seconds.
        """
        if time.monotonic() - self._view.taken < younger_than:
            return self._view
        listed = self._list(admin.TOPIC, objects.read_topic, timeout)
        topics = {one.name: one for one in listed if not one.deleting}
        found = self._list(admin.PARTITION, objects.read_partition, timeout)
        partitions = {(one.topic, one.partition): one for one in found}
        spus = {one.id: one for one in self._list(admin.SPU, objects.read_spu, timeout)}
        now = time.monotonic()
        with self._lock:
            before = self._view
            for name in self._deletions.still_there(before.topics, topics, now):
                topics[name] = before.topics[name]
            self._view = ClusterView(topics=topics, partitions=partitions, spus=spus, taken=now)
            return self._view

    def look_for(self, topic: Topic, younger_than: float) -> None:
        """Ask the SC where a topic is led now, as `refresh` does, if it answers.

        `DeletedTopicError` if the topic is gone.
        """
        with suppress(BrokerUnreachableError):
            self.refresh(younger_than)
            self.check_topic(topic)

    def check_topic(self, topic: Topic) -> None:
        """`DeletedTopicError` if a topic is gone, as far as that was noticed."""
        if self.topic_id(topic.name) != topic.id:
            raise DeletedTopicError(topic.name)

    def topic_id(self, name: str) -> str:
        """Of the topic that has the name now. Fluvio has none: deletions are counted as they are noticed."""
        return f"{name}@{self._deletions.count(name)}"

    def confirm_deletion(self, topic: str) -> None:
        """A topic is known to be deleted: from now on the SC is right if it does not list it."""
        with self._lock:
            self._deletions.confirm(topic)

    def replaced(self, topic: str) -> None:
        """A topic was created under a name that was still known."""
        with self._lock:
            self._deletions.replaced(topic, time.monotonic())

    def await_deletion(self, topic: str) -> None:
        """Wait until a topic of that name can be created, if one was deleted just now.

        SPUs tell the SC more than once that they have removed a partition. The SC takes what comes late for a
        new partition with the same name, and forgets that one.
        """
        deleted = self._deletions.last(topic)
        if deleted is not None and (left := deleted + _DELETION_SECONDS - time.monotonic()) > 0:
            self.wait(left)

    def leader(self, topic: str, partition: int) -> Endpoint:
        """The SPU that leads a partition, as far as is known; `NoLeaderError` if none does."""
        found = self._view.partitions.get((topic, partition))
        if found is None:
            found = self.refresh().partitions.get((topic, partition))
        spu = self._view.spus.get(found.leader) if found else None
        if found is None or spu is None or not found.online:
            self._view.topic(topic)
            raise NoLeaderError(_leaderless(topic, partition, found, spu), subject=self.name)
        return self.endpoint(spu)

    def ask(self, endpoint: Endpoint, api: Api, body: Encoder, timeout: float = ANSWER_SECONDS) -> Decoder:
        """Ask an SPU."""
        self.check_open()
        return self.links.call(endpoint, api, body, timeout)

    def spu_versions(self, endpoint: Endpoint) -> admin.ServerVersions:
        """What an SPU speaks."""
        return admin.read_versions(self.ask(endpoint, admin.VERSIONS, admin.versions_request()))

    def settled(self, what: Callable[[], T | None], problem: str) -> T:
        """What `what` finds once it finds something, as soon as the cluster has a leader for it again.

        `BrokerUnreachableError` with the problem after two seconds.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            failure = BrokerUnreachableError(problem, subject=self.name)
            try:
                found = what()
            except BrokerUnreachableError as error:
                found, failure = None, error
            if found is not None:
                return found
            if time.monotonic() > deadline:
                raise failure
            self.wait(_RETRY_SECONDS)
            self.refresh(younger_than=_RETRY_SECONDS)

    def endpoint(self, spu: objects.SpuObject) -> Endpoint:
        if self._place.local_addresses and spu.local:
            return self._place.spu(*spu.local)
        return self._place.spu(spu.host, spu.port)

    def wait(self, seconds: float) -> None:
        """Wait, but not after `close`: `BrokerClosedError`."""
        self._closed.wait(seconds)
        self.check_open()

    def check_open(self) -> None:
        if self._closed.is_set():
            raise BrokerClosedError("the broker is closed")

    def close(self) -> None:
        """Close every connection. May be called again."""
        self._closed.set()
        self.links.close()


def _leaderless(
    topic: str,
    partition: int,
    found: objects.PartitionObject | None,
    spu: objects.SpuObject | None,
) -> str:
    where = f"partition {partition} of topic '{topic}'"
    if found is None:
        return f"the SC does not know {where}, so no SPU leads it"
    if spu is None or spu.online:
        return f"no SPU leads {where}"
    return f"no SPU leads {where}: SPU {spu.id} is offline"
