"""A read-only broker reads everything, and changes nothing."""

import inspect
from collections.abc import Callable, Iterator

import pytest

from engine.broker.broker import Broker
from engine.broker.log import Log
from engine.broker.module_store import ModuleStore
from engine.broker.named_consumers import NamedConsumers
from engine.broker.read_only import ReadOnlyBroker
from engine.broker.topics import Topics
from engine.errors import ReadOnlyError
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.engine.runtime.wat_guests import by_hand
from tests.reading import values

CHANGES = {"create", "delete", "append", "claim", "delete_positions", "add", "remove"}


@pytest.fixture
def kept() -> Iterator[MemoryBroker]:
    with MemoryBroker("production") as broker:
        broker.topics.create("logs")
        broker.log.append("logs", record_batch([b"a", b"b"]))
        broker.modules.add("sf1", by_hand("digit.wat"))
        yield broker


def refused(broker: Broker) -> dict[str, Callable[[], object]]:
    return {
        "create": lambda: broker.topics.create("other"),
        "delete": lambda: broker.topics.delete("logs"),
        "append": lambda: broker.log.append("logs", record_batch([b"c"]), 0),
        "claim": lambda: broker.consumers.claim("c1", "logs"),
        "delete_positions": lambda: broker.consumers.delete_positions("c1"),
        "add": lambda: broker.modules.add("sf2", b""),
        "remove": lambda: broker.modules.remove("sf1"),
    }


def test_every_change_is_refused_in_words_that_name_the_profile(kept: MemoryBroker) -> None:
    calls = refused(ReadOnlyBroker(kept, "production"))
    assert calls.keys() == CHANGES
    for call in calls.values():
        with pytest.raises(ReadOnlyError, match=r"cannot .*: broker 'production' is read-only"):
            call()
    assert [topic.name for topic in kept.topics.list()] == ["logs"]
    assert values(kept, "logs") == [b"a", b"b"]
    assert kept.modules.names() == ["sf1"]


def test_reading_is_what_it_was(kept: MemoryBroker) -> None:
    broker = ReadOnlyBroker(kept, "production")
    assert (broker.name, broker.read_only, broker.features) == ("production", True, kept.features)
    assert broker.connection() == kept.connection()
    assert broker.topics.describe() == kept.topics.describe()
    assert broker.topics.get("logs") == broker.topics.list()[0]
    assert values(broker, "logs") == [b"a", b"b"]
    assert broker.log.offsets("logs") == kept.log.offsets("logs")
    assert broker.log.offset_at("logs", 0, {0: 0}) == {0: 0}
    assert len(broker.log.page("logs", 0, 2, 1)) == 1
    assert list(broker.log.check("logs")) == []
    assert broker.consumers.saved_positions() == []
    assert broker.modules.names() == ["sf1"]
    assert broker.modules.describe_all() == [broker.modules.describe("sf1")]
    assert broker.modules.load("sf1") == kept.modules.load("sf1")
    broker.modules.watch("sf1", lambda _: None).close()


def test_no_method_comes_past_it(kept: MemoryBroker) -> None:
    """Whatever is added to a broker has to be refused or passed on here."""
    broker = ReadOnlyBroker(kept, "production")
    parts = (broker.topics, broker.log, broker.consumers, broker.modules)
    for part, interface in zip(parts, (Topics, Log, NamedConsumers, ModuleStore), strict=True):
        mro = type(part).__mro__
        own = {name for one in mro[: mro.index(interface)] for name in vars(one)}
        methods = inspect.getmembers(interface, inspect.isfunction)
        public = {name for name, _ in methods if not name.startswith("_")}
        assert public <= own, public - own
