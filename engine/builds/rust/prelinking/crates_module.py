"""The module that crates are linked to."""

from collections.abc import Mapping

from engine.builds.rust.prelinking.layout import (
    CRATES_DATA,
    FILE_ELEMENTS,
    CratesLayout,
    UnlinkableError,
)
from engine.runtime.loading.wasm_sections import (
    CODE,
    CUSTOM,
    EMPTY_MODULE,
    EXPORTS,
    FUNCTION,
    GLOBAL,
    IMPORTS,
    TABLES,
    Reader,
    exports,
    imports,
    module_globals,
    number_bytes,
    section,
    sections,
)

LARGEST_CODE = 8 << 20
"""Cranelift takes 1.2 s for a megabyte (measured)."""
_CONSTRUCTORS = "__wasm_call_ctors"
_NOTHING = b"\0\x0b"
"""The body of a function that does nothing."""


def crates_layout(wasm: bytes) -> CratesLayout:
    """Where the crates of a module lie; `UnlinkableError` if files cannot use them."""
    contents = dict(sections(wasm))
    if wanted := [one.name for one in imports(contents.get(IMPORTS, b"\0"))]:
        raise UnlinkableError(f"they import {wanted[0]}")
    if len(contents[CODE]) > LARGEST_CODE:
        raise UnlinkableError("they are too large")
    exported = list(exports(contents[EXPORTS]))
    functions = {name: index for name, kind, index in exported if kind == FUNCTION}
    if _body(contents[CODE], functions.get(_CONSTRUCTORS)) != _NOTHING:
        raise UnlinkableError("they have constructors")
    values = [one.value for one in module_globals(wasm) if not one.mutable]
    offset = sum(one.mutable for one in module_globals(wasm))
    places = {name: index for name, kind, index in exported if kind == GLOBAL and index >= offset}
    return CratesLayout(
        elements=_elements(contents[TABLES]),
        functions=frozenset(functions),
        addresses=_addresses(places, values, offset),
    )


def usable(wasm: bytes) -> bytes:
    """The module with room in its table for the functions of a file, and without what is not run."""
    kept = ((kind, content) for kind, content in sections(wasm) if kind != CUSTOM)
    return EMPTY_MODULE + b"".join(
        section(kind, _larger(content) if kind == TABLES else content) for kind, content in kept
    )


def _addresses(places: Mapping[str, int], values: list[int | None], offset: int) -> dict[str, int]:
    found = {name: values[index - offset] for name, index in places.items()}
    # Below are places of the linker's own, as the end of the stack.
    return {name: at for name, at in found.items() if at is not None and at >= CRATES_DATA}


def _body(code: bytes, index: int | None) -> bytes:
    """The body of a function of a module without imports."""
    reader = Reader(code)
    reader.number()
    for _ in range(index or 0):
        reader.part()
    return reader.part()


def _elements(tables: bytes) -> int:
    reader = Reader(tables)
    if reader.number() != 1:
        raise UnlinkableError("they have several tables")
    reader.take(2)  # the type, and the limits' flags: --growable-table leaves the most open
    return reader.number()


def _larger(tables: bytes) -> bytes:
    return tables[:3] + number_bytes(_elements(tables) + FILE_ELEMENTS)
