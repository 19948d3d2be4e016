from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from engine.broker.address import ClientOptions, parse_address
from engine.broker.fluvio.broker import FluvioBroker
from tests.fluvio_cluster import FluvioCluster

_NUMBERS = count(1)


def connected(cluster: FluvioCluster, **options: str) -> FluvioBroker:
    """A connection to a cluster; options of the client have `_` in place of `-`."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return FluvioBroker.connect(replace(parse_address(cluster.address), options=ClientOptions(named)))


@pytest.fixture
def broker(fluvio: FluvioCluster) -> Iterator[FluvioBroker]:
    """A cluster without topics and modules."""
    with connected(fluvio) as opened:
        for topic in opened.topics.list():
            opened.topics.delete(topic.name)
        for name in opened.modules.names():
            opened.modules.remove(name)
        yield opened


@pytest.fixture
def topic_name() -> str:
    """One that no other test of this process uses."""
    return f"topic-{next(_NUMBERS)}"
