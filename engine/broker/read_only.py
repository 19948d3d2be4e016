"""A broker that is only read: everything that would change it is refused, below all who use it."""

from collections.abc import Iterator, Sequence

from engine.broker.broker import Broker
from engine.broker.connection import Connection
from engine.broker.forwarding_log import ForwardingLog
from engine.broker.log import Appended, NewRecords
from engine.broker.module_store import ModuleStore, ModuleWatch, OnModuleChange, StoredModule
from engine.broker.named_consumers import Claim, NamedConsumers, SavedPosition
from engine.broker.topics import Topic, TopicDescription, Topics
from engine.errors import ReadOnlyError


class ReadOnlyBroker(Broker):
    """Another broker, without what changes it: `ReadOnlyError` in place of that."""

    read_only = True

    def __init__(self, broker: Broker, name: str) -> None:
        """`broker` is closed with this one. `name` is that of the profile that says so."""
        self._broker = broker
        self.name = name
        self.features = broker.features
        self.damage = broker.damage
        self.topics = _Topics(broker, name)
        self.log = _Log(broker, name)
        self.consumers = _Consumers(broker, name)
        self.modules = _Modules(broker, name)
        self.remote = broker.remote

    def connection(self) -> Connection:
        return self._broker.connection()

    def close(self) -> None:
        self._broker.close()


class _Topics(Topics):
    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._name = name

    def list(self) -> Sequence[Topic]:
        return self._broker.topics.list()

    def get(self, name: str) -> Topic:
        return self._broker.topics.get(name)

    def create(self, name: str, *_: object, **__: object) -> Topic:
        raise _refused(self._name, f"create topic '{name}'")

    def delete(self, name: str) -> None:
        raise _refused(self._name, f"delete topic '{name}'")

    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        return self._broker.topics.describe(name)


class _Log(ForwardingLog):
    def __init__(self, broker: Broker, name: str) -> None:
        super().__init__(broker.log)
        self._name = name

    def append(self, topic: str, *_: object, **__: object) -> Appended:
        raise _refused(self._name, f"append to topic '{topic}'")

    def append_all(self, appends: Sequence[NewRecords]) -> Iterator[Appended]:
        return iter([self.append(new.topic) for new in appends])


class _Consumers(NamedConsumers):
    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._name = name

    def claim(self, consumer: str, *_: object, **__: object) -> Claim:
        # It could save no position, and even joining a group changes that group.
        raise _refused(self._name, f"save positions of consumer '{consumer}'")

    def share(self, consumer: str, topic: str) -> Claim:
        return self.claim(consumer, topic)

    def saved_positions(self) -> Sequence[SavedPosition]:
        return self._broker.consumers.saved_positions()

    def delete_positions(self, consumer: str, *_: object, **__: object) -> Sequence[str]:
        raise _refused(self._name, f"delete positions of consumer '{consumer}'")


class _Modules(ModuleStore):
    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._name = name
        self.target = broker.modules.target

    def names(self) -> Sequence[str]:
        return self._broker.modules.names()

    def versions(self, name: str) -> Sequence[int]:
        return self._broker.modules.versions(name)

    def describe(self, name: str, version: int | None = None) -> StoredModule:
        return self._broker.modules.describe(name, version)

    def describe_all(self) -> Sequence[StoredModule]:
        return self._broker.modules.describe_all()

    def add(self, name: str, *_: object, **__: object) -> bool:
        raise _refused(self._name, f"store SmartStream '{name}'")

    def remove(self, name: str) -> None:
        raise _refused(self._name, f"remove SmartStream '{name}'")

    def load(self, name: str, version: int | None = None) -> bytes:
        return self._broker.modules.load(name, version)

    def watch(self, name: str, on_change: OnModuleChange) -> ModuleWatch:
        return self._broker.modules.watch(name, on_change)


def _refused(name: str, what: str) -> ReadOnlyError:
    return ReadOnlyError(f"cannot {what}: broker '{name}' is read-only", subject=name)
