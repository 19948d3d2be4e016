from collections.abc import Iterator

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from tests.fluvio_cluster import FluvioCluster


@pytest.fixture
def broker(fluvio: FluvioCluster) -> Iterator[FluvioBroker]:
    with FluvioBroker.connect(parse_address(fluvio.address)) as opened:
        for topic in opened.topics.list():
            opened.topics.delete(topic.name)
        for name in opened.modules.names():
            opened.modules.remove(name)
        yield opened
