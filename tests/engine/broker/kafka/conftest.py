import logging
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from engine.broker.address import ClientOptions, parse_address
from engine.broker.kafka.broker import KafkaBroker
from tests.engine.broker.sqlite.conftest import in_thread
from tests.kafka_cluster import Cluster

__all__ = ["in_thread"]

SILENT = logging.Logger("tests", logging.CRITICAL + 1)


def connect(bootstrap: str, **options: str) -> KafkaBroker:
    """A connection, with options in whose names `_` stands for a dot."""
    address = parse_address(f"kafka://{bootstrap}")
    chosen = ClientOptions({name.replace("_", "."): value for name, value in options.items()})
    return KafkaBroker.connect(replace(address, options=chosen))


@pytest.fixture
def broker(kafka: Cluster) -> Iterator[KafkaBroker]:
    with connect(kafka.bootstrap) as opened:
        yield opened


@pytest.fixture
def topic() -> str:
    """A name that no other test uses."""
    return f"t-{uuid4().hex}"


@pytest.fixture
def transaction(kafka: Cluster, topic: str) -> Producer:
    """A producer in an open transaction."""
    config = {"bootstrap.servers": kafka.bootstrap, "transactional.id": topic}
    producer = Producer(config, logger=SILENT)
    producer.init_transactions(30)
    producer.begin_transaction()
    return producer
