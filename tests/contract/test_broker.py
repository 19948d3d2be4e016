from engine.broker.broker import Broker
from tests.contract.implementations import Implementation


def test_a_broker_that_answers_is_connected(broker: Broker) -> None:
    assert broker.name
    assert broker.connection().state == "connected"
    assert not broker.connection().problem


def test_a_broker_keeps_modules(implementation: Implementation, broker: Broker) -> None:
    implementation.module_store()
    module = implementation.a_filter()
    assert not broker.modules.add("sf1", module)
    assert broker.modules.load("sf1") == module
    (found,) = broker.modules.describe_all()
    assert (found.name, found.kind) == ("sf1", "filter")
