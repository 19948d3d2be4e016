"""Instances of a Fluvio module, with the adapter that is called in its place."""

from dataclasses import dataclass
from importlib.resources import files

from wasmtime import Engine, Global, GlobalType, Instance, Module, Store, Val, ValType, wat2wasm

from engine.runtime.fluvio import contract
from engine.runtime.fluvio.system import OnPrinted, system_function
from engine.runtime.kinds.table import kinds_of

INSTANCES = 3
"""In one store: the module, and two of the adapter."""
GROUP_SIZE = "group_size"
"""The adapter's global with the number of records that it called the module for last."""
LARGEST_GROUP = 32
"""Records that a module is called for at once: a call costs as much as three records do (measured)."""


@dataclass(frozen=True, slots=True)
class FluvioAdapter:
    """The adapter, compiled for one engine."""

    answer: Module
    adapter: Module

    @classmethod
    def compiled(cls, engine: Engine) -> "FluvioAdapter":
        """20 ms."""
        return cls(*(Module(engine, bytes(wat2wasm(_text(name)))) for name in ("answer.wat", "adapter.wat")))

    def instantiate(self, store: Store, module: Module, on_printed: OnPrinted) -> Instance:
        """An instance that exports what docs/abi.md asks for, of a module that `contract.check` accepted."""
        answer = Instance(store, self.answer, []).exports(store)
        own = {contract.ANSWER: answer[contract.ANSWER], contract.EXIT: answer["exit"]}
        imports = [
            own.get(str(entry.name)) or system_function(store, entry, on_printed) for entry in module.imports
        ]
        # What it prints belongs to the record that it is called for.
        largest = 1 if len(imports) > 1 else LARGEST_GROUP
        largest_group = Global(store, GlobalType(ValType.i32(), mutable=False), Val.i32(largest))
        exports = Instance(store, module, imports).exports(store)
        (kind, *_) = kinds_of([export.name for export in module.exports])
        return Instance(
            store,
            self.adapter,
            [
                exports["memory"],
                exports[contract.ALLOC],
                exports.get(contract.DEALLOC) or answer["no_dealloc"],
                exports[kind.name],
                exports.get(contract.INIT) or answer["no_step"],
                exports.get(contract.LOOK_BACK) or answer["no_step"],
                answer["at"],
                answer["length"],
                largest_group,
            ],
        )

    def close(self) -> None:
        self.answer.close()
        self.adapter.close()


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
