"""The topics of a Kafka cluster."""

import re
from collections.abc import Sequence
from typing import cast, get_args

from confluent_kafka import KafkaError, TopicCollection
from confluent_kafka.admin import (
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewTopic,
    ResourceType,
    TopicDescription,
)

from engine.broker.kafka.clients import Clients, is_error
from engine.broker.kafka.errors import LEADERLESS, UNKNOWN_TOPIC
from engine.broker.kafka.offsets import offset_ranges
from engine.broker.topics import (
    Compression,
    OffsetRange,
    PartitionDescription,
    Topic,
    TopicOptions,
    Topics,
    unknown_topic,
)
from engine.broker.topics import TopicDescription as Description
from engine.errors import BrokerError

MAX_NAME = 249
_NAME = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_NAME}}}")
_INTERNAL = "__"
Settings = dict[str, ConfigEntry]
"""Of one topic, by name."""


def check_name(name: str, what: str) -> None:
    """`BrokerError` if a topic or a consumer cannot have that name."""
    if not _NAME.fullmatch(name) or name in (".", ".."):
        shown = name if len(name) <= MAX_NAME else f"{name[:40]}…"
        raise BrokerError(
            f"a {what} cannot be called '{shown}'",
            f"use 1 to {MAX_NAME} of a-z, A-Z, 0-9, '.', '_' and '-'",
        )


class KafkaTopics(Topics):
    """The `Topics` of a cluster. Internal ones, such as `__consumer_offsets`, are not listed."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def list(self) -> Sequence[Topic]:
        return [_topic(found) for found in self._described(self.names())]

    def names(self) -> Sequence[str]:
        """The names of all topics that are listed, sorted."""
        self._clients.check_open()
        with self._clients.errors("list topics"):
            # Of all topics: to ask for one by its name might create it.
            found = self._clients.admin.list_topics(timeout=10).topics
        self._clients.monitor.answered()
        return sorted(name for name in found if not name.startswith(_INTERNAL))

    def get(self, name: str) -> Topic:
        return _topic(self.described(name))

    def find(self, name: str) -> Topic | None:
        """One topic; None if it does not exist, whatever others there are."""
        return next(map(_topic, self._described([name])), None)

    def described(self, name: str) -> TopicDescription:
        """What the cluster says of a topic; `UnknownTopicError`."""
        found = self._described([name])
        if not found:
            raise unknown_topic(name, [*self.names()])
        return found[0]

    def _described(self, names: Sequence[str]) -> Sequence[TopicDescription]:
        self._clients.check_open()
        if not all(_NAME.fullmatch(name) for name in names):
            return []
        answers = self._clients.admin.describe_topics(TopicCollection([*names])) if names else {}
        found = []
        for name, answer in answers.items():
            try:
                found.append(self._clients.result(answer, f"describe topic '{name}'"))
            except BrokerError as error:
                if not is_error(error, *UNKNOWN_TOPIC):  # deleted meanwhile
                    raise
        return found

    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        check_name(name, "topic")
        options = options or TopicOptions()
        if partitions < 1:
            raise BrokerError(f"topic '{name}' cannot have {partitions} partitions", "choose at least one")
        self._clients.check_open()
        wanted = NewTopic(name, partitions, options.replicas or -1, config=_config(options))
        answer = self._clients.admin.create_topics([wanted])[name]
        try:
            self._clients.result(answer, f"create topic '{name}'")
        except BrokerError as error:
            if is_error(error, KafkaError.TOPIC_ALREADY_EXISTS):
                raise BrokerError(
                    f"topic '{name}' already exists", "choose another name, or use the topic as it is"
                ) from error
            raise
        # Brokers learn of it one after another.
        codes = (*LEADERLESS, *UNKNOWN_TOPIC)
        self._clients.retried(lambda: offset_ranges(self._clients, name, range(partitions)), codes)
        return self.get(name)

    def delete(self, name: str) -> None:
        self.get(name)
        answer = self._clients.admin.delete_topics([name])[name]
        try:
            self._clients.result(answer, f"delete topic '{name}'")
        except BrokerError as error:
            if is_error(error, *UNKNOWN_TOPIC):
                raise unknown_topic(name) from error
            raise

    def describe(self, name: str | None = None) -> Sequence[Description]:
        found = self._described(self.names()) if name is None else [self.described(name)]
        settings = self._settings([one.name for one in found])
        return [self._description(one, settings[one.name]) for one in found if one.name in settings]

    def _description(self, found: TopicDescription, settings: Settings) -> Description:
        held = offset_ranges(self._clients, found.name, range(len(found.partitions)))
        partitions = tuple(
            PartitionDescription(
                partition=one.id,
                offsets=held.get(one.id, OffsetRange(0, 0)),
                bytes=None,
                leader=None if one.leader is None else one.leader.id,
                replicas=tuple(node.id for node in one.replicas),
                in_sync=tuple(node.id for node in one.isr),
            )
            for one in found.partitions
        )
        replicas = len(found.partitions[0].replicas) if found.partitions else None
        return Description(topic=_topic(found), options=_options(settings, replicas), partitions=partitions)

    def _settings(self, names: Sequence[str]) -> dict[str, Settings]:
        """Those of topics, as far as they are still there."""
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        answers = self._clients.admin.describe_configs(resources) if resources else {}
        found = {}
        for resource, answer in answers.items():
            try:
                settings = self._clients.result(answer, f"describe topic '{resource.name}'")
            except BrokerError as error:
                if not is_error(error, *UNKNOWN_TOPIC):  # deleted meanwhile
                    raise
            else:
                found[resource.name] = cast("Settings", settings)
        return found


def _options(settings: Settings, replicas: int | None) -> TopicOptions:
    values = {entry.name: entry.value for entry in settings.values()}
    compression = values.get("compression.type") or ""
    taken = ("retention.ms", "retention.bytes", "compression.type")
    return TopicOptions(
        retention_ms=_limit(values.get("retention.ms")),
        retention_bytes=_limit(values.get("retention.bytes")),
        compression=_compression(compression),
        replicas=replicas,
        config={
            entry.name: str(entry.value)
            for entry in settings.values()
            if entry.name not in taken and ConfigSource(entry.source) is ConfigSource.DYNAMIC_TOPIC_CONFIG
        },
    )


def _compression(name: str) -> Compression | None:
    name = "none" if name == "uncompressed" else name
    return cast("Compression", name) if name in get_args(Compression) else None


def _limit(value: str | None) -> int | None:
    return int(value) if value is not None and int(value) >= 0 else None


def _config(options: TopicOptions) -> dict[str, str]:
    compression = "uncompressed" if options.compression == "none" else options.compression
    wanted = {
        "retention.ms": options.retention_ms,
        "retention.bytes": options.retention_bytes,
        "compression.type": compression,
    }
    chosen = {name: str(value) for name, value in wanted.items() if value is not None}
    return {**chosen, **options.config}


def _topic(found: TopicDescription) -> Topic:
    return Topic(name=found.name, partitions=len(found.partitions), id=str(found.topic_id), created=None)
