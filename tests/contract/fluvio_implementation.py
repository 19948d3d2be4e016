"""A Fluvio cluster for the contract suite, emptied before each test."""

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.fluvio.protocol.records import HEADER
from tests.contract.implementations import Implementation
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import passes_all


class OnFluvio(Implementation):
    broker: FluvioBroker

    def __init__(self, cluster: FluvioCluster) -> None:
        self._cluster = cluster
        self.broker = FluvioBroker.connect(parse_address(cluster.address))
        for topic in self.broker.topics.list():
            self.broker.topics.delete(topic.name)
        for name in self.broker.modules.names():
            self.broker.modules.remove(name)

    def retain(self, *_: object, **__: object) -> None:
        pytest.skip("Fluvio removes old records after ten seconds at the earliest")

    def a_filter(self) -> bytes:
        return passes_all()

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        found = self.broker.topics.describe(topic)[0].partitions[partition]
        folder = self._cluster.nodes[found.leader or 0].folder / "log"
        (segment,) = folder.glob(f"*/{topic}-{partition}/*.log")
        content, at = bytearray(segment.read_bytes()), 0
        while HEADER.unpack_from(content, at)[0] != start:
            at += 12 + HEADER.unpack_from(content, at)[1]
        assert HEADER.unpack_from(content, at)[6] == stop - start - 1
        with segment.open("r+b") as file:
            # A byte of the last record.
            last = at + 12 + HEADER.unpack_from(content, at)[1] - 2
            file.seek(last)
            file.write(bytes([content[last] ^ 1]))
