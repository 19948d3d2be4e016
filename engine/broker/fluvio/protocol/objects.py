"""What an SC keeps: topics, partitions and SPUs, in version 19 of their layout."""

from dataclasses import dataclass, replace

from engine.broker.fluvio.protocol.wire import Decoder, Encoder

COMPRESSIONS = ("none", "gzip", "snappy", "lz4", "any", "zstd")
ONLINE = 1
"""Of a partition's `resolution`."""
_INSUFFICIENT, _INVALID, _DELETING = 2, 3, 5
"""Of a topic's `resolution`."""
RESOLUTIONS = ("being created", "pending", "short of SPUs", "invalid", "provisioned", "being deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduplication:
    """Records that a topic drops as duplicates."""

    count: int
    age_seconds: float | None
    filter: str
    """The name of the SmartModule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """How a topic is kept."""

    retention_seconds: int | None = None
    segment_bytes: int | None = None
    partition_bytes: int | None = None
    """The most that a partition keeps."""
    compression: str = "any"
    deduplication: Deduplication | None = None
    system: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicObject:
    """A topic."""

    name: str
    partitions: int
    config: TopicConfig
    resolution: int
    reason: str
    """Why it is not provisioned."""

    @property
    def failed(self) -> bool:
        """Whether it will not be provisioned."""
        return self.resolution in (_INSUFFICIENT, _INVALID)

    @property
    def deleting(self) -> bool:
        return self.resolution == _DELETING


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaObject:
    """A copy of a partition, as far as the SC knows: -1 is unknown."""

    spu: int
    committed: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionObject:
    """A partition."""

    topic: str
    partition: int
    leader: int
    replicas: tuple[int, ...]
    online: bool
    state: ReplicaObject
    """Of the leader."""
    followers: tuple[ReplicaObject, ...]
    bytes: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpuObject:
    """An SPU, with its public and its local address."""

    id: int
    host: str
    port: int
    local: tuple[str, int] | None
    online: bool


def read_topic(source: Decoder) -> TopicObject:
    """An entry of a list of topics."""
    name, partitions = source.text(), _partition_count(source)
    config = replace(_kept(source), system=source.boolean())
    resolution = source.u8()
    source.mapping(Decoder.u32, lambda one: one.items(Decoder.i32))
    source.mapping(Decoder.u32, _partition_mirror)
    return TopicObject(
        name=name, partitions=partitions, config=config, resolution=resolution, reason=source.text()
    )


def write_topic(target: Encoder, partitions: int, replicas: int, config: TopicConfig) -> None:
    """What a topic is to be, for a request that creates it."""
    target.tag(1).u32(partitions).u32(replicas).boolean(False)
    target.option(config.retention_seconds, lambda one, seconds: one.tag(0).u32(seconds))
    storage = config if config.segment_bytes is not None or config.partition_bytes is not None else None
    target.option(storage, _write_storage)
    target.tag(COMPRESSIONS.index(config.compression))
    target.boolean(False).boolean(config.system)


def _write_storage(target: Encoder, config: TopicConfig) -> None:
    target.option(config.segment_bytes, Encoder.u32)
    target.option(config.partition_bytes, lambda one, size: one.number("u64", size))


def read_partition(source: Decoder) -> PartitionObject:
    """An entry of a list of partitions, whose name is `TOPIC-PARTITION`."""
    topic, _, number = source.text().rpartition("-")
    leader, replicas = source.i32(), tuple(source.items(Decoder.i32))
    _kept(source)
    source.boolean()
    source.option(_partition_mirror)
    resolution, state = source.u8(), _replica(source)
    source.u32()
    followers = tuple(source.items(_replica))
    size, _, start = source.i64(), source.boolean(), source.i64()
    return PartitionObject(
        topic=topic,
        partition=int(number),
        leader=leader,
        replicas=replicas,
        online=resolution == ONLINE,
        state=state,
        followers=followers,
        bytes=size,
        start=start,
    )


def read_spu(source: Decoder) -> SpuObject:
    """An entry of a list of SPUs."""
    source.text()
    number, _ = source.i32(), source.u8()
    port, addresses, _ = source.u16(), source.items(_address), source.u8()
    _endpoint(source)
    source.option(Decoder.text)
    local = source.option(_endpoint)
    return SpuObject(
        id=number, host=next(iter(addresses), ""), port=port, local=local, online=source.u8() == 0
    )


def _partition_count(source: Decoder) -> int:
    variant = source.u8()
    if variant == 0:
        return len(source.items(_assigned))
    if variant == 1:
        count, _, _ = source.u32(), source.u32(), source.boolean()
        return count
    if source.u8() == 0:
        source.text()
        count = len(source.items(lambda one: (one.i32(), one.text(), one.text())))
    else:
        count = len(source.items(_home_mirror))
    source.boolean()
    return count


def _assigned(source: Decoder) -> None:
    source.u32()
    source.items(Decoder.i32)
    source.option(_partition_mirror)


def _home_mirror(source: Decoder) -> None:
    source.text(), source.text(), source.boolean()


def _partition_mirror(source: Decoder) -> None:
    if source.u8() == 0:
        source.text(), source.text(), source.i32(), source.text(), source.boolean()
    else:
        _home_mirror(source)


def _kept(source: Decoder) -> TopicConfig:
    retention = source.option(lambda one: (one.u8(), one.u32())[1])
    storage = source.option(lambda one: (one.option(Decoder.u32), one.option(Decoder.u64)))
    segment, partition = storage or (None, None)
    return TopicConfig(
        retention_seconds=retention,
        segment_bytes=segment,
        partition_bytes=partition,
        compression=COMPRESSIONS[source.u8()],
        deduplication=source.option(_deduplication),
    )


def _deduplication(source: Decoder) -> Deduplication:
    count = source.u64()
    age = source.option(lambda one: one.u64() + one.u32() / 1e9)
    name = source.text()
    source.mapping(Decoder.text, Decoder.text)
    return Deduplication(count=count, age_seconds=age, filter=name)


def _replica(source: Decoder) -> ReplicaObject:
    return ReplicaObject(spu=source.i32(), committed=source.i64(), end=source.i64())


def _address(source: Decoder) -> str:
    name, address = source.option(Decoder.text), source.option(Decoder.text)
    return name or address or ""


def _endpoint(source: Decoder) -> tuple[str, int]:
    port, host, _ = source.u16(), source.text(), source.u8()
    return host, port
