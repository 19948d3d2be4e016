"""A Fluvio cluster for the contract suite, emptied before each test."""

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from tests.contract.implementations import Implementation
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import passes_all


class OnFluvio(Implementation):
    broker: FluvioBroker

    def __init__(self, cluster: FluvioCluster) -> None:
        self.broker = FluvioBroker.connect(parse_address(cluster.address))
        for topic in self.broker.topics.list():
            self.broker.topics.delete(topic.name)
        for name in self.broker.modules.names():
            self.broker.modules.remove(name)

    def retain(self, *_: object, **__: object) -> None:
        pytest.skip("Fluvio removes old records after ten seconds at the earliest")

    def a_filter(self) -> bytes:
        return passes_all()

    def damage(self, *_: object, **__: object) -> None:
        pytest.skip("SPUs do not check what is on their disks")
