"""Calls of a guest's exports, through the C functions that wasmtime-py is made of.

Its own `Func` looks the function's type up at every call: 20 µs, and the GIL given up 15 times, where the C
function itself takes 2 µs and gives it up once. Its own `exports` asks for all of them: 45 µs instead of 8
(measured). Most of what a fault costs, and what a small batch costs, is such calls.
"""

import ctypes

from wasmtime import Instance, Memory, Store, Trap, WasmtimeError
from wasmtime import _ffi as ffi

_UNSIGNED = 0xFFFF_FFFF


class GuestFunction:
    """A function of i32s, whose type was checked when the module was compiled."""

    def __init__(self, store: Store, function: ffi.wasmtime_func_t, parameters: int, results: int) -> None:
        self._context = ffi.wasmtime_store_context(store.ptr())
        self._function = function
        self._arguments = (ffi.wasmtime_val_t * parameters)()
        self._results = (ffi.wasmtime_val_t * results)()
        for argument in self._arguments:
            argument.kind = ffi.WASMTIME_I32

    def __call__(self, *arguments: int) -> int:
        """The result as an unsigned number, 0 where there is none; `Trap` or `WasmtimeError`."""
        for place, argument in zip(self._arguments, arguments, strict=True):
            place.of.i32 = argument
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        error = ffi.wasmtime_func_call(
            self._context,
            ctypes.byref(self._function),
            self._arguments,
            len(self._arguments),
            self._results,
            len(self._results),
            ctypes.byref(trap),
        )
        if error:
            raise WasmtimeError._from_ptr(error)
        if trap:
            raise Trap._from_ptr(trap)
        return self._results[0].of.i32 & _UNSIGNED if len(self._results) else 0


class GuestGlobal:
    """A mutable i32."""

    def __init__(self, store: Store, place: ffi.wasmtime_global_t) -> None:
        self._context = ffi.wasmtime_store_context(store.ptr())
        self._place = place
        self._value = ffi.wasmtime_val_t(kind=ffi.WASMTIME_I32.value)

    def get(self) -> int:
        """Its value as an unsigned number."""
        ffi.wasmtime_global_get(self._context, ctypes.byref(self._place), ctypes.byref(self._value))
        return self._value.of.i32 & _UNSIGNED

    def set(self, value: int) -> None:
        """Change its value."""
        self._value.of.i32 = value
        error = ffi.wasmtime_global_set(self._context, ctypes.byref(self._place), ctypes.byref(self._value))
        if error:
            raise WasmtimeError._from_ptr(error)


class Exports:
    """The exports of an instance, by name, of kinds that were checked when the module was compiled."""

    def __init__(self, store: Store, instance: Instance) -> None:
        self._store = store
        self._instance = instance

    def function(self, name: str, parameters: int, results: int) -> GuestFunction:
        """A function that takes and returns this many i32s."""
        return GuestFunction(self._store, self._get(name).func, parameters, results)

    def memory(self, name: str) -> Memory:
        """A memory."""
        return Memory._from_raw(self._get(name).memory)

    def i32(self, name: str) -> GuestGlobal:
        """A mutable i32."""
        return GuestGlobal(self._store, self._get(name).global_)

    def _get(self, name: str) -> ffi.wasmtime_extern_union:
        item = ffi.wasmtime_extern_t()
        encoded = name.encode()
        context = ffi.wasmtime_store_context(self._store.ptr())
        found = ffi.wasmtime_instance_export_get(
            context, ctypes.byref(self._instance._instance), encoded, len(encoded), ctypes.byref(item)
        )
        assert found, "checked when the module was compiled"
        return item.of
