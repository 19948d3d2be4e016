"""Named consumers as Fluvio's consumer offsets. The cluster lets any number of them run under one name."""

import time
from collections.abc import Sequence

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.offsets import held_offsets
from engine.broker.fluvio.protocol import admin, spu
from engine.broker.fluvio.protocol import offsets as protocol
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.protocol.link import Endpoint, Link
from engine.broker.fluvio.protocol.objects import read_partition
from engine.broker.fluvio.protocol.offsets import ConsumerOffset
from engine.broker.log import Appended, NewRecords, Positions
from engine.broker.named_consumers import (
    NO_STATES,
    Claim,
    NamedConsumers,
    SavedPosition,
    States,
    chosen_topics,
)
from engine.broker.topics import unknown_topic
from engine.errors import (
    BrokerError,
    BrokerUnreachableError,
)

_SAVE_SECONDS, _RETRY_SECONDS = 3.0, 0.1
_FIRST_STREAM = 1
"""An SPU counts the streams of a connection."""


class FluvioClaim(Claim):
    """A named consumer in a topic, with a connection for each partition whose offset it saves."""

    def __init__(self, cluster: Cluster, consumer: str, topic: str) -> None:
        self._cluster = cluster
        self._consumer = consumer
        self._topic = topic
        self._id = cluster.topic_id(topic)
        self._links: dict[int, Link] = {}

    def positions(self) -> dict[int, int]:
        saved = {
            one.partition: one.offset + 1
            for one in _all_offsets(self._cluster)
            if (one.consumer, one.topic) == (self._consumer, self._topic)
        }
        held = held_offsets(self._cluster, self._topic, saved)
        # The cluster keeps offsets of a topic that was deleted, also for another one of that name.
        return {p: offset for p, offset in saved.items() if p not in held or offset <= held[p].end}

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        if states:
            raise _unsupported("keep states of consumers")
        self._cluster.refresh().topic(self._topic)
        if self._cluster.topic_id(self._topic) != self._id:
            raise unknown_topic(self._topic)
        for partition, offset in positions.items():
            self._save(partition, offset)

    def states(self) -> dict[int, bytes]:
        return {}

    def append_and_commit(
        self,
        appends: Sequence[NewRecords],  # noqa: ARG002 - nothing can be appended with it
        positions: Positions,  # noqa: ARG002
        states: States,  # noqa: ARG002
    ) -> list[Appended]:
        raise _unsupported("append records and save positions in one transaction")

    def close(self) -> None:
        for link in self._links.values():
            link.close()
        self._links.clear()

    def _save(self, partition: int, offset: int) -> None:
        deadline = time.monotonic() + _SAVE_SECONDS
        while (problem := self._problem(partition, offset)) is not None:
            # The partition may be led by another SPU now, or the one that keeps offsets is starting.
            if time.monotonic() > deadline:
                raise problem
            self._cluster.wait(_RETRY_SECONDS)
            self._cluster.refresh()

    def _problem(self, partition: int, offset: int) -> BrokerError | None:
        """Save an offset; why that failed."""
        # What is saved is the last record that was read.
        body = protocol.update_request(offset - 1, _FIRST_STREAM)
        try:
            refused = protocol.read_updated(self._link(partition).call(protocol.UPDATE, body))
        except BrokerUnreachableError as error:
            self._drop(partition)
            return error
        if refused is None:
            return None
        self._drop(partition)
        return _refused(f"save the position of consumer '{self._consumer}'", refused)

    def _drop(self, partition: int) -> None:
        link = self._links.pop(partition, None)
        if link is not None:
            link.close()

    def _link(self, partition: int) -> Link:
        found = self._links.get(partition)
        if found is None:
            endpoint = self._cluster.leader(self._topic, partition)
            found = self._links[partition] = Link(endpoint)
            # A stream names the consumer. This one begins after all records, so it ends at once.
            body = protocol.stream_request(self._topic, partition, self._consumer)
            found.call(spu.STREAM, body)
        return found


class FluvioConsumers(NamedConsumers):
    """The consumer offsets of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def claim(self, consumer: str, topic: str) -> FluvioClaim:
        if not consumer or "/" in consumer or not consumer.isprintable():
            raise BrokerError(f"a consumer cannot be called '{consumer}'", "use letters, digits and '-'")
        self._cluster.refresh().topic(topic)
        return FluvioClaim(self._cluster, consumer, topic)

    def saved_positions(self) -> Sequence[SavedPosition]:
        topics = self._cluster.refresh().topics
        # By topics: the SC may forget the partitions of one (see `Cluster.await_deletion`).
        partitions = {name: topic.partitions for name, topic in topics.items()}
        saved = [one for one in _all_offsets(self._cluster) if one.partition < partitions.get(one.topic, 0)]
        ends = self._ends(saved)
        found = [
            SavedPosition(
                consumer=one.consumer,
                topic=one.topic,
                partition=one.partition,
                offset=one.offset + 1,
                end=ends.get((one.topic, one.partition), one.offset + 1),
                committed=one.modified * 1_000,
            )
            for one in saved
        ]
        return sorted(found, key=lambda one: (one.consumer, one.topic, one.partition))

    def _ends(self, saved: Sequence[ConsumerOffset]) -> dict[tuple[str, int], int]:
        """The ends of the partitions, but for those that no SPU leads now."""
        found = {}
        for topic in {one.topic for one in saved}:
            held = held_offsets(self._cluster, topic, {one.partition for one in saved if one.topic == topic})
            found.update({(topic, partition): offsets.end for partition, offsets in held.items()})
        return found

    def delete_positions(self, consumer: str, topic: str | None = None) -> Sequence[str]:
        if topic is not None:
            self._cluster.refresh().topic(topic)
        every = _all_offsets(self._cluster)
        topics = sorted({one.topic for one in every if one.consumer == consumer})
        chosen = chosen_topics(consumer, topic, topics, lambda: {one.consumer for one in every})
        forget(self._cluster, [one for one in every if one.consumer == consumer and one.topic in chosen])
        return chosen


def offsets_of(cluster: Cluster, topic: str) -> list[ConsumerOffset]:
    """The offsets that consumers have in a topic. The cluster keeps them when the topic is deleted."""
    return [one for one in _all_offsets(cluster) if one.topic == topic]


def forget(cluster: Cluster, offsets: Sequence[ConsumerOffset]) -> None:
    """Delete offsets of consumers."""
    keeper = _keeper(cluster) if offsets else None
    if keeper is None:
        return
    for one in offsets:
        body = protocol.delete_request(one.topic, one.partition, one.consumer)
        refused = protocol.read_deleted(cluster.ask(keeper, protocol.DELETE, body))
        if refused is not None:
            raise _refused(f"delete the position of consumer '{one.consumer}'", refused)


def _all_offsets(cluster: Cluster) -> list[ConsumerOffset]:
    keeper = _keeper(cluster)
    if keeper is None:
        return []
    refused, found = protocol.read_offsets(cluster.ask(keeper, protocol.FETCH, protocol.fetch_request()))
    if refused is not None:
        raise _refused("list the positions of consumers", refused)
    return found


def _keeper(cluster: Cluster) -> Endpoint | None:
    """The SPU that keeps offsets; None in a cluster that has none yet."""
    body = admin.list_request(admin.PARTITION, system=True)
    found = admin.read_list(cluster.controller(admin.LIST, body), read_partition)
    kept = next((one for one in found if one.topic == protocol.TOPIC), None)
    spu = cluster.refresh().spus.get(kept.leader) if kept else None
    return cluster.endpoint(spu) if spu else None


def _refused(what: str, error: ServerError) -> BrokerError:
    return BrokerError(f"the cluster does not {what}: {error.text}")


def _unsupported(what: str) -> BrokerError:
    return BrokerError(f"a Fluvio cluster cannot {what}")
