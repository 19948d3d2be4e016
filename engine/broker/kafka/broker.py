"""A Kafka cluster as the broker."""

import logging
import threading
from collections.abc import Iterator
from typing import Any, Self

from engine.broker.address import BrokerAddress
from engine.broker.check import BrokerCheck
from engine.broker.cluster import ClusterBroker
from engine.broker.connection import Connection
from engine.broker.features import Features
from engine.broker.kafka.checks import check_cluster, check_tls
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.groups.consumers import KafkaConsumers
from engine.broker.kafka.log import KafkaLog
from engine.broker.kafka.modules.store import KafkaModules
from engine.broker.kafka.settings import client_settings
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.topics import Compression
from engine.errors import BrokerError

CLIENT_RECORD_BYTES = 1_000_000
"""The largest record that Kafka's client sends by default, as brokers take by default."""

_LOG = logging.getLogger(__name__)


class KafkaBroker(ClusterBroker):
    """A `Broker` that is a Kafka cluster of version 4.0 or later."""

    features = Features(replicas=True, transactions=True, shared_consumers=True)
    topics: KafkaTopics
    log: KafkaLog
    consumers: KafkaConsumers
    modules: KafkaModules

    def __init__(self, clients: Clients, max_record_bytes: int) -> None:
        """Use `connect`."""
        self._clients = clients
        self._lock = threading.Lock()
        self.name = clients.name
        self.topics = KafkaTopics(clients)
        self.modules = KafkaModules(clients, self.topics)
        self.log = KafkaLog(clients, self.topics, max_record_bytes)
        self.consumers = KafkaConsumers(clients, self.topics)

    @classmethod
    def connect(
        cls,
        address: BrokerAddress,
        *,
        max_record_bytes: int | None = None,
        compression: Compression | None = None,
    ) -> Self:
        producing: dict[str, Any] = {}
        if compression is not None:
            producing["compression.type"] = compression
        if max_record_bytes is not None:
            producing["message.max.bytes"] = max_record_bytes
        config = client_settings(address)
        clients = Clients(address.name, config, producing)
        clients.connect()
        _LOG.info("connected to %s", address.name)
        most = config.get("message.max.bytes", max_record_bytes or CLIENT_RECORD_BYTES)
        return cls(clients, int(most))

    @classmethod
    def checks(cls, address: BrokerAddress) -> Iterator[BrokerCheck]:
        tls = [*check_tls(address)]
        yield from tls
        if tls and not any(check.ok for check in tls):
            return
        try:
            config = client_settings(address)
            clients = Clients(address.name, config, {})
            clients.connect()
        except BrokerError as error:
            yield BrokerCheck(name="sign-in", ok=False, found=error.message, remedy=error.remedy)
            return
        yield from check_cluster(clients, config)
        clients.close()

    def connection(self) -> Connection:
        return self._clients.monitor.connection

    def close(self) -> None:
        with self._lock:
            if self._clients.closed:
                return
            self.modules.close()
            self.log.close()
            self._clients.close()
            _LOG.info("closed the connection to %s", self.name)
