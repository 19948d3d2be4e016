"""Which crates can be linked before the files that use them."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler
from engine.builds.rust.prelinking.crates_module import crates_layout, usable
from engine.builds.rust.prelinking.layout import CRATES_DATA, FILE_ELEMENTS, CratesLayout, UnlinkableError
from engine.builds.rust.prelinking.prelinking import Prelinking
from engine.builds.rust.toolchain import Toolchain
from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.loading.wasm_sections import custom_section, with_custom_section

CRATES = f"""
(table (export "__indirect_function_table") 7 funcref)
(memory (export "memory") 40)
(global (export "__stack_pointer") (mut i32) (i32.const 1048576))
(global (export "COUNT") i32 (i32.const {CRATES_DATA + 16}))
(global (export "__stack_low") i32 (i32.const 0))
(func (export "__wasm_call_ctors"))
(func (export "called") (result i32) (i32.const 1))
"""


def module(text: str) -> bytes:
    return bytes(wat2wasm(f"(module {text})"))


def test_the_layout_says_what_files_need() -> None:
    layout = crates_layout(module(CRATES))
    assert layout == CratesLayout(
        elements=7,
        functions=frozenset({"__wasm_call_ctors", "called"}),
        addresses={"COUNT": CRATES_DATA + 16},
    )
    assert CratesLayout.read(layout.bytes()) == layout


def test_crates_get_room_for_functions_of_files() -> None:
    made = usable(with_custom_section(module(CRATES), "name", b"not run"))
    assert crates_layout(made).elements == 7 + FILE_ELEMENTS
    assert custom_section(made, "name") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('(import "env" "now" (func))' + CRATES, "they import now"),
        (CRATES.replace('ctors")', 'ctors") (drop (call 1))'), "they have constructors"),
        (CRATES + "(table 1 funcref)", "they have several tables"),
    ],
)
def test_crates_that_files_could_not_use(text: str, why: str) -> None:
    with pytest.raises(UnlinkableError, match=why):
        crates_layout(module(text))


@pytest.mark.cargo
def test_a_toolchain_without_its_own_linker(
    build_cache: Path, toolchain: Toolchain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    without = replace(toolchain, rust_lld=None, build="another")
    compiler = Compiler(toolchain=without, limits=Limits(), environ={})
    prelinking = Prelinking(BuildCache(build_cache, build_cache / "no sdk", without), compiler)
    assert prelinking.crates(Job(), []) is None
    assert prelinking.crates(Job(), []) is None
    assert caplog.messages == ["crates are linked at each save: the toolchain has no rust-lld"]
