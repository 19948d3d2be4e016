import pytest

from engine.broker.broker import Broker
from tests.contract.conftest import broker, implementation, in_thread

__all__ = ["broker", "implementation", "in_thread"]


@pytest.fixture
def topics(broker: Broker) -> Broker:
    broker.topics.create("in", 2)
    for name in ("out", "dead"):
        broker.topics.create(name)
    return broker


@pytest.fixture
def transactional(broker: Broker) -> None:
    """Skip what a broker refuses, as `test_what_a_broker_cannot_do_is_refused` shows."""
    if not broker.features.transactions:
        pytest.skip("it has no transactions")
