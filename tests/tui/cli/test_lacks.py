"""What a broker lacks is said once, by the command that would need it."""

import pytest

from engine.broker.features import Features
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.tui.cli.conftest import InProcess


def test_consume_says_what_the_broker_lacks(here: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = MemoryBroker("staging")
    broker.features = Features(exclusive_consumers=False, time_lookup="bisect")
    broker.topics.create("logs")
    broker.log.append("logs", record_batch([b"a"]))
    monkeypatch.setattr("tui.cli.run.consume.open_broker", lambda _: broker)
    outcome = here.ok("consume", "logs", "-c", "c1", "--since", "1970-01-01", "-d")
    assert outcome.err.count("staging does not keep consumers apart: run c1 only once") == 1
    assert outcome.err.count("staging does not look up times") == 1
    assert outcome.out == b"a\n"
