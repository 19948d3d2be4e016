"""Reading a module's sections without compiling it."""

import pytest

from engine.runtime.loading.wasm_sections import custom_section, exported_names, with_custom_section
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
