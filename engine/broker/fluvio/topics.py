"""Topics of a Fluvio cluster."""

import builtins
import re
import time
from collections.abc import Callable, Mapping, Sequence

from engine.broker.fluvio.cluster import Cluster, ClusterView
from engine.broker.fluvio.named_consumers import forget, offsets_of
from engine.broker.fluvio.offsets import held_offsets
from engine.broker.fluvio.protocol import admin, error_codes, objects
from engine.broker.fluvio.protocol.wire import Encoder
from engine.broker.topics import (
    Compression,
    OffsetRange,
    PartitionDescription,
    Topic,
    TopicDescription,
    TopicOptions,
    Topics,
)
from engine.errors import BrokerError, BrokerUnreachableError

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_ANSWER_SECONDS = 3.0
_SETTLE_SECONDS = 3.0
"""How long a cluster may take to create or delete a topic, after the SC's answer."""
_ATTEMPTS = 3
_POLL_SECONDS = 0.02
_COMPRESSIONS: Mapping[str, Compression] = {
    "none": "none",
    "gzip": "gzip",
    "snappy": "snappy",
    "lz4": "lz4",
    "zstd": "zstd",
}
_SEGMENT = "segment-size"
_RETENTION_SECONDS = 7 * 86_400
"""How long SPUs keep records if a topic does not say."""


class FluvioTopics(Topics):
    """Topics as the SC keeps them; those that belong to the cluster itself are left out."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def list(self) -> Sequence[Topic]:
        view = self._cluster.refresh()
        return [self._topic(found) for _, found in sorted(view.topics.items()) if not found.config.system]

    def get(self, name: str) -> Topic:
        return self._topic(self._cluster.refresh().topic(name))

    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        if not _NAME.fullmatch(name):
            raise BrokerError(
                f"a topic of Fluvio cannot be called '{name}'",
                "use up to 63 lower-case letters, digits and hyphens, with no hyphen first or last",
            )
        if partitions < 1:
            raise BrokerError(f"topic '{name}' needs at least one partition")
        config, replicas = _config(options or TopicOptions()), (options and options.replicas) or 1
        view = self._cluster.refresh()
        if replicas > len(view.spus):
            raise BrokerError(
                f"topic '{name}' cannot have {replicas} replicas: the cluster has {len(view.spus)} SPUs"
            )
        for _ in range(_ATTEMPTS):
            self._request(name, lambda target: objects.write_topic(target, partitions, replicas, config))
            if name in view.topics:
                self._cluster.replaced(name)
                view = self._cluster.refresh()
            if (found := self._provisioned(name, partitions)) is not None:
                return self._topic(found)
            self._cluster.delete(admin.TOPIC, name)
            self._cluster.confirm_deletion(name)
            self._await_gone(name)
        raise BrokerError(f"the cluster has lost partitions of the new topic '{name}'", "create it again")

    def delete(self, name: str) -> None:
        self._cluster.refresh().topic(name)
        # The cluster would keep the positions of consumers, for the next topic of that name too.
        positions = offsets_of(self._cluster, name)
        error = self._cluster.delete(admin.TOPIC, name)
        if error is not None and error.code != error_codes.TOPIC_NOT_FOUND:
            raise BrokerError(f"cannot delete topic '{name}': {error.text}")
        self._cluster.confirm_deletion(name)
        self._await_gone(name)
        forget(self._cluster, positions)

    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        view = self._cluster.refresh()
        if name is not None:
            return [self._description(view, view.topic(name))]
        return [
            self._description(view, found)
            for _, found in sorted(view.topics.items())
            if not found.config.system
        ]

    def _offsets(self, found: objects.TopicObject) -> dict[int, OffsetRange]:
        """What each partition holds; empty while not every SPU that leads one answers."""
        try:
            return held_offsets(self._cluster, found.name, range(found.partitions))
        except BrokerUnreachableError:
            return {}

    def _topic(self, found: objects.TopicObject) -> Topic:
        return Topic(
            name=found.name, partitions=found.partitions, id=self._cluster.topic_id(found.name), created=None
        )

    def _request(self, name: str, write: Callable[[Encoder], object]) -> None:
        """Ask the SC for a topic. It answers once the partitions have leaders, or never if it loses one."""
        self._cluster.await_deletion(name)
        try:
            error = self._cluster.create(admin.TOPIC, name, write, _ANSWER_SECONDS)
        except BrokerUnreachableError:
            if name in self._cluster.refresh().topics:
                return
            raise
        if error is not None:
            raise BrokerError(_refused(name, error))

    def _provisioned(self, name: str, partitions: int) -> objects.TopicObject | None:
        """Wait until each partition of a new topic has a leader that answers; None if some were lost.

        That happens to a topic whose name another one had until just now (see `Cluster.await_deletion`). The
        topic is empty then, so it may be deleted and created again.
        """
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            view = self._cluster.refresh()
            found = view.topic(name)
            if found.failed:
                raise BrokerError(
                    f"topic '{name}' is {objects.RESOLUTIONS[found.resolution]}: {found.reason}"
                )
            held = held_offsets(self._cluster, name, range(partitions))
            if len(held) == partitions:
                return found
            if time.monotonic() > deadline:
                if any(offsets.end for offsets in held.values()):
                    raise BrokerError(f"topic '{name}' was created, but not all its partitions have a leader")
                return None
            self._cluster.wait(_POLL_SECONDS)

    def _await_gone(self, name: str) -> None:
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not self._gone(name):
            if time.monotonic() > deadline:
                raise BrokerError(f"topic '{name}' is still being deleted")
            self._cluster.wait(_POLL_SECONDS)

    def _gone(self, name: str) -> bool:
        view = self._cluster.refresh()
        return name not in view.topics and not any(topic == name for topic, _ in view.partitions)

    def _description(self, view: ClusterView, found: objects.TopicObject) -> TopicDescription:
        offsets = self._offsets(found)
        known = [view.partitions.get((found.name, number)) for number in range(found.partitions)]
        replicas = max((len(one.replicas) for one in known if one is not None), default=None)
        return TopicDescription(
            topic=self._topic(found),
            options=_options(found.config, replicas),
            partitions=tuple(
                _partition(number, one, offsets.get(number)) for number, one in enumerate(known)
            ),
        )


def _partition(
    number: int, known: objects.PartitionObject | None, held: OffsetRange | None
) -> PartitionDescription:
    """A partition as the SC knows it, if it does; `held` is what its leader says, if one answers."""
    if known is None:
        return PartitionDescription(partition=number, offsets=held or OffsetRange(0, 0), bytes=None)
    return PartitionDescription(
        partition=number,
        offsets=held or _last_known(known),
        bytes=known.bytes if known.bytes >= 0 else None,
        leader=known.leader if known.online else None,
        replicas=known.replicas,
        in_sync=_in_sync(known),
    )


def _last_known(partition: objects.PartitionObject) -> OffsetRange:
    """What the SC knows of a partition whose leader does not say."""
    return OffsetRange(partition.start, max(partition.state.committed, partition.start))


def _in_sync(partition: objects.PartitionObject) -> tuple[int, ...]:
    committed = partition.state.committed
    followers = (
        one.spu for one in partition.followers if one.end >= committed and one.spu != partition.leader
    )
    return (partition.leader, *sorted(followers)) if partition.online else ()


def _config(options: TopicOptions) -> objects.TopicConfig:
    unknown: builtins.list[str] = sorted(options.config.keys() - {_SEGMENT})
    if unknown:
        raise BrokerError(f"Fluvio has no setting '{unknown[0]}' of a topic", f"use {_SEGMENT}=BYTES")
    segment = options.config.get(_SEGMENT)
    if segment is not None and not segment.isdecimal():
        raise BrokerError(f"invalid {_SEGMENT} '{segment}': use a number of bytes")
    return objects.TopicConfig(
        retention_seconds=None if options.retention_ms is None else -(-options.retention_ms // 1_000),
        segment_bytes=None if segment is None else int(segment),
        partition_bytes=options.retention_bytes,
        compression=options.compression or "any",
    )


def _options(config: objects.TopicConfig, replicas: int | None) -> TopicOptions:
    more = {} if config.segment_bytes is None else {_SEGMENT: str(config.segment_bytes)}
    if config.deduplication is not None:
        kept = config.deduplication
        age = "" if kept.age_seconds is None else f" or {kept.age_seconds:g} s"
        more["deduplication"] = f"{kept.filter}, last {kept.count} records{age}"
    return TopicOptions(
        retention_bytes=config.partition_bytes,
        retention_ms=1_000 * (config.retention_seconds or _RETENTION_SECONDS),
        compression=_COMPRESSIONS.get(config.compression),
        replicas=replicas,
        config=more,
    )


def _refused(name: str, error: error_codes.ServerError) -> str:
    if error.code == error_codes.TOPIC_EXISTS:
        return f"topic '{name}' already exists"
    return f"cannot create topic '{name}': {error.text}"
