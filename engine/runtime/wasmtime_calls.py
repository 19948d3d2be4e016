"""The exports of an instance: through the C functions under wasmtime-py, or else through its public API.

wasmtime-py's `Func` looks the function's type up at every call: 20 µs, and the GIL released 15 times, where
the C function itself takes 2 µs and releases it once. Its `exports` fetches all of them: 45 µs instead of 8
(measured). Most of what a fault costs, and what a small batch costs, is such calls. The C functions are
private names of wasmtime-py: a version that lacks one gets the public API.
"""

import ctypes
import types
from collections.abc import Callable

import wasmtime
from wasmtime import (
    Config,
    Func,
    Global,
    Instance,
    Memory,
    SharedMemory,
    Store,
    Table,
    Tag,
    Trap,
    Val,
    WasmtimeError,
)

_UNSIGNED = 0xFFFF_FFFF
_WINCH = 2
"""wasmtime's `WASMTIME_STRATEGY_WINCH`, which `Config.strategy` of wasmtime-py does not know."""
_FFI_NAMES = (
    "WASMTIME_I32",
    "wasm_trap_t",
    "wasmtime_extern_t",
    "wasmtime_func_call",
    "wasmtime_func_t",
    "wasmtime_global_get",
    "wasmtime_global_set",
    "wasmtime_global_t",
    "wasmtime_instance_export_get",
    "wasmtime_store_context",
    "wasmtime_config_strategy_set",
    "wasmtime_val_t",
)

Importable = Func | Global | Memory | SharedMemory | Table | Tag
GuestFunction = Callable[..., int]
"""A function of i32s. The result is unsigned, 0 if there is none; `Trap` or `WasmtimeError`."""


class GuestGlobal:
    """A mutable i32, read as an unsigned number."""

    def __init__(self, store: Store, place: Global) -> None:
        self._store = store
        self._place = place

    def get(self) -> int:
        value: int = self._place.value(self._store)
        return value & _UNSIGNED

    def set(self, value: int) -> None:
        self._place.set_value(self._store, Val.i32(value))


class Exports:
    """The exports of an instance, by name; their types were checked when the module was compiled."""

    def __init__(self, store: Store, instance: Instance) -> None:
        self._store = store
        self._exports = instance.exports(store)

    def function(self, name: str, parameters: int, results: int) -> GuestFunction:  # noqa: ARG002
        function = self._exports[name]
        assert isinstance(function, Func)

        def call(*arguments: int) -> int:
            result = function(self._store, *arguments)
            return 0 if result is None else result & _UNSIGNED

        return call

    def memory(self, name: str) -> Memory:
        memory = self._exports[name]
        assert isinstance(memory, Memory)
        return memory

    def i32(self, name: str) -> GuestGlobal:
        place = self._exports[name]
        assert isinstance(place, Global)
        return GuestGlobal(self._store, place)

    def importable(self, name: str) -> Importable:
        """What another module imports."""
        return self._exports[name]


def has_private_names(package: types.ModuleType) -> bool:
    """Whether this version of wasmtime-py has all private names that the fast calls need."""
    ffi = getattr(package, "_ffi", None)
    return (
        all(hasattr(ffi, name) for name in _FFI_NAMES)
        and hasattr(package.Trap, "_from_ptr")
        and hasattr(package.WasmtimeError, "_from_ptr")
        and hasattr(package.Memory, "_from_raw")
        and hasattr(getattr(package, "_extern", None), "wrap_extern")
    )


FAST_CALLS = has_private_names(wasmtime)


def choose_baseline_compiler(config: Config) -> bool:
    """Have modules compiled by Winch, in one pass and without optimization; whether that is possible."""
    if FAST_CALLS:
        wasmtime._ffi.wasmtime_config_strategy_set(config.ptr(), _WINCH)
    return FAST_CALLS


def exports_of(store: Store, instance: Instance) -> Exports:
    """By the fastest way that there is."""
    if FAST_CALLS and hasattr(instance, "_instance"):
        return _FastExports(store, instance)
    return Exports(store, instance)


if FAST_CALLS:
    from wasmtime import _ffi as ffi
    from wasmtime._extern import wrap_extern

    class _FastExports(Exports):
        def __init__(self, store: Store, instance: Instance) -> None:
            self._store = store
            self._instance = instance

        def function(self, name: str, parameters: int, results: int) -> GuestFunction:
            context = ffi.wasmtime_store_context(self._store.ptr())
            function = self._get(name).of.func
            values = (ffi.wasmtime_val_t * parameters)()
            returned = (ffi.wasmtime_val_t * results)()
            for value in values:
                value.kind = ffi.WASMTIME_I32

            def call(*arguments: int) -> int:
                for value, argument in zip(values, arguments, strict=True):
                    value.of.i32 = argument
                trap = ctypes.POINTER(ffi.wasm_trap_t)()
                place, trapped = ctypes.byref(function), ctypes.byref(trap)
                error = ffi.wasmtime_func_call(context, place, values, parameters, returned, results, trapped)
                if error:
                    raise WasmtimeError._from_ptr(error)
                if trap:
                    raise Trap._from_ptr(trap)
                return returned[0].of.i32 & _UNSIGNED if results else 0

            return call

        def memory(self, name: str) -> Memory:
            return Memory._from_raw(self._get(name).of.memory)

        def i32(self, name: str) -> GuestGlobal:
            return _FastGlobal(self._store, self._get(name).of.global_)

        def importable(self, name: str) -> Importable:
            return wrap_extern(self._get(name))

        def _get(self, name: str) -> ffi.wasmtime_extern_t:
            item = ffi.wasmtime_extern_t()
            encoded = name.encode()
            found = ffi.wasmtime_instance_export_get(
                ffi.wasmtime_store_context(self._store.ptr()),
                ctypes.byref(self._instance._instance),
                encoded,
                len(encoded),
                ctypes.byref(item),
            )
            assert found, "checked when the module was compiled"
            return item

    class _FastGlobal(GuestGlobal):
        def __init__(self, store: Store, place: ffi.wasmtime_global_t) -> None:
            self._context = ffi.wasmtime_store_context(store.ptr())
            self._raw = place
            self._value = ffi.wasmtime_val_t(kind=ffi.WASMTIME_I32.value)

        def get(self) -> int:
            ffi.wasmtime_global_get(self._context, ctypes.byref(self._raw), ctypes.byref(self._value))
            return self._value.of.i32 & _UNSIGNED

        def set(self, value: int) -> None:
            self._value.of.i32 = value
            error = ffi.wasmtime_global_set(self._context, ctypes.byref(self._raw), ctypes.byref(self._value))
            if error:
                raise WasmtimeError._from_ptr(error)
