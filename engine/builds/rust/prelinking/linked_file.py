"""The module that a file is linked to if its crates are linked already."""

from engine.builds.rust.prelinking.layout import (
    CRATES_DATA,
    FILE_ELEMENTS,
    PROBE,
    CratesLayout,
    UnlinkableError,
)
from engine.runtime import abi
from engine.runtime.loading.checks import PAGE_BYTES
from engine.runtime.loading.compile import LARGEST_HERE
from engine.runtime.loading.wasm_sections import (
    EMPTY_MODULE,
    EXPORTS,
    FUNCTION,
    GLOBAL,
    GLOBALS,
    IMPORTS,
    MEMORY,
    TABLE,
    Import,
    Reader,
    exports,
    imports,
    module_globals,
    number_bytes,
    part,
    section,
    sections,
    skip_constant,
)

_STACK_POINTER = part(b"env") + part(abi.STACK_POINTER.encode()) + b"\3\x7f\1"
"""The import of a mutable i32."""


def with_shared_stack(wasm: bytes, layout: CratesLayout) -> bytes:
    """The module, which uses the stack of the crates instead of one of its own.

    `UnlinkableError` if it does not fit to the crates.
    """
    if len(wasm) > LARGEST_HERE:
        raise UnlinkableError("it is too large")
    contents = dict(sections(wasm))
    for wanted in imports(contents[IMPORTS]):
        _check(wanted, layout)
    exported = {name: index for name, kind, index in exports(contents[EXPORTS]) if kind == GLOBAL}
    # As imports come first among the globals, it keeps its number.
    if exported.get(abi.STACK_POINTER) != 0:
        raise UnlinkableError("its stack pointer is not where it was expected")
    if list(module_globals(wasm))[exported[PROBE]].value != layout.addresses[PROBE]:
        raise UnlinkableError("the linker did not take the addresses of statics")
    changes = {IMPORTS: _with_stack_pointer, GLOBALS: _without_first}
    return EMPTY_MODULE + b"".join(
        section(kind, changes[kind](content) if kind in changes else content)
        for kind, content in sections(wasm)
    )


def _check(wanted: Import, layout: CratesLayout) -> None:
    match wanted.kind:
        case kind if kind == FUNCTION and wanted.name not in layout.functions:
            raise UnlinkableError(f"the crates have no {wanted.name}")
        case kind if kind == TABLE and wanted.least > layout.elements + FILE_ELEMENTS:
            raise UnlinkableError("it has too many functions that are called through pointers")
        case kind if kind == MEMORY and wanted.least * PAGE_BYTES > CRATES_DATA:
            raise UnlinkableError("its static data are too large")


def _with_stack_pointer(content: bytes) -> bytes:
    reader = Reader(content)
    count = reader.number()
    return number_bytes(count + 1) + content[reader.at :] + _STACK_POINTER


def _without_first(content: bytes) -> bytes:
    reader = Reader(content)
    count = reader.number()
    reader.take(2)
    skip_constant(reader)
    return number_bytes(count - 1) + content[reader.at :]
