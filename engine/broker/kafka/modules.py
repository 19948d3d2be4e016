"""Stored SmartStreams in a cluster: a compacted topic with the newest module of each name."""

from collections.abc import Mapping

from engine.broker.kafka.appends import Appender
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.compacted import LARGEST_BYTES, CompactedTopic
from engine.broker.kafka.module_watch import ModuleWatcher, Watch
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import NewRecords
from engine.broker.module_store import (
    ModuleStore,
    OnModuleChange,
    StoredModule,
    check_module_name,
    check_size,
    is_module_name,
    unknown_module,
)
from engine.records.batch import Record, record_batch

MODULES = "__smartstreams"


class KafkaModules(ModuleStore):
    """A record for each module: its name is the key, its bytes are the value. The last writer wins."""

    def __init__(self, clients: Clients, topics: KafkaTopics) -> None:
        """Nothing is created before the first `add`."""
        self._topic = CompactedTopic(clients, topics, MODULES)
        self._appender = Appender(
            clients, topics, LARGEST_BYTES, lambda: clients.producer({"message.max.bytes": LARGEST_BYTES})
        )
        self._watcher = ModuleWatcher(clients, topics, MODULES)

    def names(self) -> list[str]:
        return sorted(self._found())

    def describe(self, name: str) -> StoredModule:
        return _described(name, self._find(name))

    def describe_all(self) -> list[StoredModule]:
        return [_described(name, record) for name, record in sorted(self._found().items())]

    def add(self, name: str, wasm: bytes) -> bool:
        check_module_name(name)
        check_size(wasm, f"the stored SmartStream '{name}'")
        self._topic.create()
        replaces = name in self._found()
        self._append(name, wasm)
        return replaces

    def remove(self, name: str) -> None:
        self._find(name)
        self._append(name, None)

    def load(self, name: str) -> bytes:
        return self._find(name).value or b""

    def watch(self, name: str, on_change: OnModuleChange) -> Watch:
        check_module_name(name)
        return self._watcher.watch(name, on_change)

    def close(self) -> None:
        """End every watch. May be called again."""
        self._watcher.close()
        self._appender.close()

    def _append(self, name: str, wasm: bytes | None) -> None:
        records = record_batch([wasm], keys=[name.encode()])
        self._appender.append([NewRecords(topic=MODULES, partition=0, records=records)])

    def _find(self, name: str) -> Record:
        found = self._found()
        if name not in found:
            raise unknown_module(name, sorted(found))
        return found[name]

    def _found(self) -> Mapping[str, Record]:
        # Others may write that topic, too.
        named = {key.decode(errors="replace"): record for key, record in self._topic.records().items()}
        return {name: record for name, record in named.items() if is_module_name(name)}


def _described(name: str, record: Record) -> StoredModule:
    from engine.broker.module_description import describe_module  # imports the kinds

    return describe_module(name, record.value or b"", record.timestamp)
