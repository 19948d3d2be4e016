"""Reading a module's sections without compiling it."""

import pytest

from engine.runtime.loading.wasm_sections import (
    FUNCTION,
    GLOBAL,
    IMPORTS,
    MEMORY,
    TABLE,
    Import,
    custom_section,
    exported_names,
    imports,
    module_globals,
    sections,
    with_custom_section,
)
from tests.engine.runtime.wat_guests import by_hand, compiled

DIGIT = by_hand("digit.wat")


def test_exported_names_keep_their_order() -> None:
    names = ["memory", "smartstream_abi", "smartstream_alloc", "smartstream_filter"]
    assert exported_names(DIGIT) == names
    many = " ".join(f'(func (export "f{"x" * 200}{number}"))' for number in range(300))
    assert len(exported_names(compiled(f"(module {many})"))) == 300
    assert exported_names(compiled("(module)")) == []


@pytest.mark.parametrize("size", [0, 1, 127, 128, 20_000])
def test_custom_section_round_trip(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    wasm = with_custom_section(DIGIT, "doc", content)
    assert custom_section(wasm, "doc") == content
    assert custom_section(wasm, "other") is None
    assert custom_section(with_custom_section(wasm, "doc", b"newer"), "doc") == b"newer"
    assert exported_names(wasm) == exported_names(DIGIT)
    assert compiled("(module)")[:8] == wasm[:8]


def test_module_truncated_anywhere() -> None:
    wasm = with_custom_section(DIGIT, "doc", b"text")
    whole = exported_names(wasm)
    for size in range(len(wasm)):
        assert exported_names(wasm[:size]) == whole[: len(exported_names(wasm[:size]))]
        assert custom_section(wasm[:size], "doc") is None
    assert exported_names(b"\0asm\1\0\0\0\7\xff\xff\xff\xff\xff\xff") == []


def test_imports_of_every_kind() -> None:
    wasm = compiled(
        """(module (type (func)) (type (func (param i64)))
        (import "a" "call" (func (type 1))) (import "a" "least" (table 3 funcref))
        (import "b" "most" (table 4 200 externref)) (import "b" "memory" (memory 300 301))
        (import "c" "sum" (global (mut v128))) (import "c" "last" (func (type 0))))"""
    )
    assert list(imports(dict(sections(wasm))[IMPORTS])) == [
        Import("call", FUNCTION, 1, 0),
        Import("least", TABLE, 0x70, 3),
        Import("most", TABLE, 0x6F, 4),
        Import("memory", MEMORY, 0, 300),
        Import("sum", GLOBAL, 0x7B, 0),
        Import("last", FUNCTION, 0, 0),
    ]


def test_values_of_globals() -> None:
    numbers = [0, 63, 64, -64, -65, 2097152, 2**31 - 1, -(2**31)]
    declared = " ".join(f"(global i32 (i32.const {number}))" for number in numbers)
    others = "(global i64 (i64.const 1)) (global i32 (i32.add (i32.const 11) (i32.const 3)))"
    wasm = compiled(f"(module {declared} {others})")
    wanted = [*(number & 0xFFFF_FFFF for number in numbers), None, None]
    assert [one.value for one in module_globals(wasm)] == wanted
