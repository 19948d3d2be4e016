"""Modules that cannot be SmartStreams are refused by name, with a remedy."""

import pytest

from engine.errors import ContractError
from engine.runtime.config import ModuleConfig
from engine.runtime.loading.vector_types import names_with_vectors
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import STACK, by_hand, compiled, guest, letters

EXPORTS = {
    "memory": '(memory (export "memory") 1)',
    "smartstream_abi": '(func (export "smartstream_abi") (result i32) (i32.const 1))',
    "smartstream_alloc": '(func (export "smartstream_alloc") (param i32) (result i32) (i32.const 1024))',
    "smartstream_filter": '(func (export "smartstream_filter") (param i32) (result i32) (i32.const 1))',
}


def refusal(wasm: bytes, config: ModuleConfig | None = None) -> ContractError:
    with pytest.raises(ContractError) as caught:
        SmartStream(wasm, config=config, name="f.rs")
    assert caught.value.message.startswith("f.rs ")
    return caught.value


def module(*fields: str, **replaced: str) -> bytes:
    return compiled(f"(module {' '.join(fields)} {' '.join((EXPORTS | replaced).values())})")


def test_valid_modules_load() -> None:
    SmartStream(module()).close()
    SmartStream(by_hand("digit.wat")).close()
    SmartStream(by_hand("fields.wat")).close()


@pytest.mark.parametrize(
    ("wasm", "message"),
    [
        (b"", "f.rs is empty"),
        (b"fn main() {}", "f.rs is not WebAssembly"),
        (b"(module)", "f.rs is not WebAssembly"),
        (b"\0as", "f.rs is not WebAssembly"),
        (b"\0asm\1\0", "f.rs is truncated or is not WebAssembly version 1"),
        (b"\0asm\2\0\0\0", "f.rs is truncated or is not WebAssembly version 1"),
        (b"\0asm\x0d\0\1\0", "f.rs is a WebAssembly component, not a module"),
    ],
)
def test_other_bytes_are_refused(wasm: bytes, message: str) -> None:
    error = refusal(wasm)
    assert error.message == message
    assert error.remedy


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_truncated_module_is_refused(part: float) -> None:
    wasm = by_hand("digit.wat")
    assert "is not a valid WebAssembly module" in refusal(wasm[: int(len(wasm) * part)]).message


@pytest.mark.parametrize("missing", EXPORTS)
def test_missing_export_is_named(missing: str) -> None:
    assert missing in refusal(module(**{missing: ""})).message


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("memory", '(func (export "memory"))'),
        ("smartstream_abi", '(func (export "smartstream_abi") (result i64) (i64.const 1))'),
        ("smartstream_abi", '(global (export "smartstream_abi") i32 (i32.const 1))'),
        ("smartstream_alloc", '(func (export "smartstream_alloc") (result i32) (i32.const 8))'),
        (
            "smartstream_filter",
            '(func (export "smartstream_filter") (param i32 i32) (result i32) (i32.const 1))',
        ),
        ("smartstream_filter", '(func (export "smartstream_filter") (param i32))'),
        ("_initialize", '(func (export "_initialize") (param i32))'),
        ("__stack_pointer", '(global (export "__stack_pointer") i32 (i32.const 1))'),
        ("__stack_pointer", '(global (export "__stack_pointer") (mut i64) (i64.const 1))'),
    ],
)
def test_export_of_another_type_is_named(name: str, field: str) -> None:
    assert f"exports {name}, but not as a" in refusal(module(**{name: field})).message


WRONG_FOR_ALL = (
    '(func (export "{name}") (param f64) (result i32) (i32.const 1))',
    '(func (export "{name}") (param i32) (result i32 i32) (i32.const 1) (i32.const 1))',
    '(func (export "{name}") (result i64) (i64.const 1))',
    '(func (export "{name}") (result v128) (v128.const i64x2 0 0))',
    '(func (export "{name}") (param v128) (result i32) (i32.const 1))',
    '(global (export "{name}") (mut v128) (v128.const i64x2 0 0))',
    '(global (export "{name}") f32 (f32.const 1))',
    '(global (export "{name}") (mut f64) (f64.const 1))',
    '(table (export "{name}") 1 funcref)',
)


@pytest.mark.parametrize("field", WRONG_FOR_ALL)
@pytest.mark.parametrize("name", [*EXPORTS, "_initialize", "__stack_pointer"])
def test_types_that_fit_no_export(name: str, field: str) -> None:
    assert f"exports {name}, but not as a" in refusal(module(**{name: field.format(name=name)})).message


def test_vectors_are_found_among_all_constants() -> None:
    wasm = module(
        "(func $of_vectors (param v128 i32) (result v128) (local.get 0))",
        "(global v128 (v128.const i64x2 -1 0x0b0b0b0b))",
        "(global i64 (i64.const -9223372036854775808))",
        "(global $one (mut i32) (i32.const -1))",
        "(global f32 (f32.const 1e9))",
        "(global f64 (f64.const nan))",
        "(global funcref (ref.null func))",
        "(global funcref (ref.func $of_vectors))",
        "(global i32 (i32.add (i32.const 11) (i32.mul (i32.const 2) (i32.const 3))))",
        '(global (export "vector") (mut v128) (v128.const i64x2 1 2))',
        '(global (export "number") f64 (f64.const 1))',
        '(export "of_vectors" (func $of_vectors))',
        STACK,
    )
    assert names_with_vectors(wasm) == {"vector", "of_vectors"}
    SmartStream(wasm).close()


def test_vectors_are_found_beside_imports() -> None:
    wasm = compiled(
        """(module (import "a" "f" (func $taken (param v128))) (import "a" "m" (memory 1))
        (import "a" "g" (global $number i32)) (import "a" "v" (global $vector v128))
        (func $own (param i32)) (global $last i32 (i32.const 1))
        (export "taken" (func $taken)) (export "own" (func $own)) (export "number" (global $number))
        (export "vector" (global $vector)) (export "last" (global $last)))"""
    )
    assert names_with_vectors(wasm) == {"f", "v", "taken", "vector"}


def test_imports_are_named() -> None:
    error = refusal(module('(import "env" "now" (func (result i64)))'))
    assert error.message == "f.rs imports env.now"
    assert "imports nothing" in error.remedy
    many = [f'(import "wasi_snapshot_preview1" "f{i}" (func))' for i in range(7)]
    error = refusal(module(*many))
    assert error.message.endswith("wasi_snapshot_preview1.f4 and 2 more")
    assert "wasm32-unknown-unknown" in error.remedy
    error = refusal(module('(import "__wbindgen_placeholder__" "now" (func))'))
    assert "wants a browser" in error.remedy


def test_module_has_exactly_one_known_kind() -> None:
    function = '(func (export "smartstream_{}") (param i32) (result i32) (i32.const 1))'
    error = refusal(module(function.format("map")))
    assert "more than one kind: smartstream_map, smartstream_filter" in error.message
    error = refusal(module(function.format("reduce"), smartstream_filter=""))
    assert error.message.endswith("unknown kind: smartstream_reduce")


def test_kinds_that_make_records_need_version_2() -> None:
    function = '(func (export "smartstream_map") (param i32) (result i32) (i32.const 1))'
    error = refusal(module(function, smartstream_filter=""))
    assert error.message == "f.rs is a map and keeps version 1 of the guest contract, which has filters only"


@pytest.mark.parametrize("name", ["smartstream_init", "smartstream_look_back"])
def test_optional_exports_are_functions_of_an_address(name: str) -> None:
    error = refusal(module(f'(func (export "{name}"))'))
    assert error.message == f"f.rs exports {name}, but not as a function (i32) -> (i32)"


@pytest.mark.parametrize(
    "memory",
    ['(memory (export "memory") i64 1)', '(memory (export "memory") 1 2 shared)'],
    ids=["64-bit", "shared"],
)
def test_other_kinds_of_memory_are_disabled(memory: str) -> None:
    assert "is not a valid WebAssembly module" in refusal(module(memory=memory)).message


@pytest.mark.parametrize(
    "field",
    ["(memory 1)", "(func (param externref))", "(tag)", "(type (struct))"],
    ids=["second memory", "externref", "exceptions", "garbage collection"],
)
def test_features_that_escape_the_limits_are_disabled(field: str) -> None:
    assert "is not a valid WebAssembly module" in refusal(module(field)).message


@pytest.mark.parametrize(
    "field",
    ["(type $t (func)) (func (param (ref null $t)))", "(rec (type (func)) (type (func)))"],
    ids=["typed references", "groups of types"],
)
def test_types_that_would_end_the_program_are_disabled(field: str) -> None:
    """wasmtime aborts when asked for some of them, and `names_with_vectors` cannot read the others."""
    assert "is not a valid WebAssembly module" in refusal(module(field)).message


def test_declared_memory_and_tables_are_limited() -> None:
    wasm = module(memory='(memory (export "memory") 2000)')
    assert refusal(wasm).message == "f.rs starts with 125 MiB of memory, more than the limit of 64 MiB"
    SmartStream(wasm, config=limited(memory_bytes=128 << 20)).close()
    assert "table" in refusal(module("(table 100000000 funcref)")).message


def test_unknown_version_of_the_contract_is_refused() -> None:
    assert "version 3 of the guest contract, not 1 or 2" in refusal(guest(abi="(i32.const 3)")).message


def test_trapping_or_endless_start_is_refused() -> None:
    config = limited(start_seconds=0.05)
    traps = "(func $f unreachable)"
    loops = "(func $f (loop $again (br $again)))"
    error = refusal(guest(fields=f"{traps} (start $f)"), config)
    assert error.message.startswith("f.rs cannot be started: instantiation aborted")
    error = refusal(guest(fields=f"{loops} (start $f)"), config)
    assert error.message == "f.rs cannot be started: instantiation took longer than 50 ms"
    error = refusal(guest(fields=f'{traps} (export "_initialize" (func $f))'), config)
    assert error.message.startswith("f.rs cannot be started: _initialize aborted")
    error = refusal(guest(fields=f'{loops} (export "_initialize" (func $f))'), config)
    assert error.message == "f.rs cannot be started: _initialize took longer than 50 ms"
    error = refusal(guest(abi="(loop $again (br $again)) (i32.const 1)"), config)
    assert error.message == "f.rs cannot be started: smartstream_abi took longer than 50 ms"
    error = refusal(guest(fields='(data (i32.const 70000) "x")'), config)
    assert error.message == "f.rs cannot be started: instantiation accessed memory out of bounds"


def test_initialize_runs_first() -> None:
    wasm = guest(
        "(global.get $ready)",
        abi="(global.get $ready)",
        fields="(global $ready (mut i32) (i32.const 0)) "
        '(func (export "_initialize") (global.set $ready (i32.const 1)))' + STACK,
    )
    with SmartStream(wasm) as stream:
        assert stream.evaluate(letters("ab")).verdicts.tolist() == [1, 1]


def test_endless_alloc_is_refused() -> None:
    wasm = guest(alloc="(loop $again (br $again)) (i32.const 8)")
    stream = SmartStream(wasm, config=limited(start_seconds=0.05))
    with stream, pytest.raises(ContractError, match="smartstream_alloc took longer than 50 ms"):
        stream.evaluate(letters("a"))
