from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from tests.contract.implementations import Embedded, Implementation, InMemory
from tests.engine.broker.sqlite.conftest import in_thread

__all__ = ["in_thread"]


BROKERS = [
    "embedded",
    "memory",
    pytest.param("fluvio", marks=pytest.mark.fluvio),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


@pytest.fixture(params=BROKERS)
def implementation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Implementation]:
    opened = _opened(request, tmp_path)
    yield opened
    opened.close()


def _opened(request: pytest.FixtureRequest, tmp_path: Path) -> Implementation:
    if request.param == "embedded":
        return Embedded(tmp_path / "data")
    if request.param == "memory":
        return InMemory()
    if request.param == "kafka":
        from tests.contract.kafka_implementation import OnKafka

        return OnKafka(request.getfixturevalue("kafka"))
    from tests.contract.fluvio_implementation import OnFluvio

    return OnFluvio(request.getfixturevalue("fluvio"))


@pytest.fixture
def broker(implementation: Implementation) -> Broker:
    return implementation.broker
