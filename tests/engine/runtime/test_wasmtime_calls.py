"""Guests are called through wasmtime's C functions, or its public API if a version lacks those."""

import types

import pytest
import wasmtime

from engine.runtime.smartstream import SmartStream
from engine.runtime.wasmtime_calls import FAST_CALLS, exports_of, has_private_names
from tests.engine.runtime.wat_guests import compiled, guest, letters

EXPORTS = compiled(
    """
    (module
      (memory (export "memory") 3)
      (global (export "top") (mut i32) (i32.const -2))
      (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "nothing"))
      (func (export "trap") (unreachable)))
    """
)


def test_pinned_version_has_fast_calls() -> None:
    assert FAST_CALLS


def test_version_without_private_names_is_recognised() -> None:
    assert has_private_names(wasmtime)
    for missing in ("_ffi", "Trap"):
        package = types.ModuleType("wasmtime")
        vars(package).update({name: value for name, value in vars(wasmtime).items() if name != missing})
        if missing == "Trap":
            package.Trap = type("Trap", (Exception,), {})
        assert not has_private_names(package)


@pytest.mark.usefixtures("each_call_path")
def test_exports_by_name() -> None:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    exports = exports_of(store, wasmtime.Instance(store, wasmtime.Module(engine, EXPORTS), []))
    assert exports.memory("memory").data_len(store) == 3 << 16
    assert exports.function("sum", 2, 1)(0x7FFFFFFF, 2) == 0x80000001
    assert exports.function("sum", 2, 1)(0xFFFFFFF0, 1) == 0xFFFFFFF1
    assert exports.function("nothing", 0, 0)() == 0
    top = exports.i32("top")
    assert top.get() == 0xFFFFFFFE
    top.set(0x80000000)
    assert top.get() == 0x80000000
    with pytest.raises(wasmtime.Trap):
        exports.function("trap", 0, 0)()


@pytest.mark.usefixtures("each_call_path")
def test_exports_that_another_module_imports() -> None:
    imports = """
    (module
      (import "env" "memory" (memory 1))
      (import "env" "sum" (func $sum (param i32 i32) (result i32)))
      (func (export "more") (result i32) (call $sum (memory.size) (i32.const 4))))
    """
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    exports = exports_of(store, wasmtime.Instance(store, wasmtime.Module(engine, EXPORTS), []))
    given = [exports.importable(name) for name in ("memory", "sum")]
    instance = wasmtime.Instance(store, wasmtime.Module(engine, compiled(imports)), given)
    assert exports_of(store, instance).function("more", 0, 1)() == 7


@pytest.mark.usefixtures("each_call_path")
def test_every_instance_is_called_the_same_way() -> None:
    with SmartStream(guest("(unreachable)")) as stream:
        assert stream.evaluate(letters("ab")).verdicts.tolist() == [3, 3]
