"""Stored SmartStreams in a cluster: a compacted topic with the modules of each name."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from engine.broker.kafka.appends import Appender
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.compacted import LARGEST_BYTES, CompactedTopic
from engine.broker.kafka.modules.watch import ModuleWatcher, Watch
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import NewRecords
from engine.broker.module_store import (
    KEPT_VERSIONS,
    ModuleStore,
    OnModuleChange,
    StoredModule,
    check_module_name,
    check_size,
    is_module_name,
    unknown_module,
    unknown_version,
)
from engine.records.batch import Record, now_ms, record_batch

MODULES = "__smartstreams"


class KafkaModules(ModuleStore):
    """A record for each module: its name is the key, its bytes are the value. The last writer wins.

    Earlier versions have the key `NAME/VERSION`.
    """

    def __init__(self, clients: Clients, topics: KafkaTopics) -> None:
        """Nothing is created before the first `add`."""
        self._topic = CompactedTopic(clients, topics, MODULES)
        self._appender = Appender(
            clients, topics, LARGEST_BYTES, lambda: clients.producer({"message.max.bytes": LARGEST_BYTES})
        )
        self._watcher = ModuleWatcher(clients, topics, MODULES)

    def names(self) -> list[str]:
        # Others may write that topic, too.
        names = (key.decode(errors="replace") for key in self._topic.records())
        return sorted(name for name in names if is_module_name(name))

    def versions(self, name: str) -> Sequence[int]:
        return sorted(self._versions(name))

    def describe(self, name: str, version: int | None = None) -> StoredModule:
        return _described(name, *self._find(name, version))

    def describe_all(self) -> list[StoredModule]:
        return [self.describe(name) for name in self.names()]

    def add(self, name: str, wasm: bytes) -> bool:
        check_module_name(name)
        check_size(wasm, f"the stored SmartStream '{name}'")
        self._topic.create()
        kept = _kept(name, self._topic.records())
        changes: list[tuple[bytes, bytes | None, int]] = []
        if kept:
            number, newest = max(kept.items(), key=itemgetter(0))
            changes = [(_key(name, number), newest.value, newest.timestamp)]
            surplus = sorted(kept)[: max(len(kept) + 1 - KEPT_VERSIONS, 0)]
            changes += [(_key(name, number), None, now_ms()) for number in surplus]
        self._append([*changes, (name.encode(), wasm, now_ms())])
        return bool(kept)

    def remove(self, name: str) -> None:
        *earlier, _ = sorted(self._versions(name))
        keys = [name.encode(), *(_key(name, number) for number in earlier)]
        self._append([(key, None, now_ms()) for key in keys])

    def load(self, name: str, version: int | None = None) -> bytes:
        return self._find(name, version)[1].value or b""

    def watch(self, name: str, on_change: OnModuleChange) -> Watch:
        check_module_name(name)
        return self._watcher.watch(name, on_change)

    def close(self) -> None:
        """End every watch. May be called again."""
        self._watcher.close()
        self._appender.close()

    def _append(self, changes: Sequence[tuple[bytes, bytes | None, int]]) -> None:
        keys, values, times = zip(*changes, strict=True)
        records = record_batch(values, keys=keys, timestamps=times)
        self._appender.append([NewRecords(topic=MODULES, partition=0, records=records)])

    def _find(self, name: str, version: int | None) -> tuple[int, Record]:
        kept = self._versions(name)
        number = max(kept) if version is None else version
        if number not in kept:
            raise unknown_version(name, number, sorted(kept))
        return number, kept[number]

    def _versions(self, name: str) -> dict[int, Record]:
        kept = _kept(name, self._topic.records())
        if not kept:
            raise unknown_module(name, self.names())
        return kept


def _kept(name: str, records: Mapping[bytes, Record]) -> dict[int, Record]:
    """The versions of a module by their numbers; the newest is the record of the name itself."""
    newest = records.get(name.encode())
    if newest is None or not is_module_name(name):
        return {}
    start = f"{name}/".encode()
    numbers = {key: key.removeprefix(start) for key in records if key.startswith(start)}
    earlier = {int(number): records[key] for key, number in numbers.items() if number.isdigit()}
    return {**earlier, max(earlier, default=0) + 1: newest}


def _key(name: str, version: int) -> bytes:
    return f"{name}/{version}".encode()


def _described(name: str, version: int, record: Record) -> StoredModule:
    from engine.broker.module_description import describe_module  # imports the kinds

    return describe_module(name, record.value or b"", record.timestamp, version)
