"""Describes a stored module from its bytes, without running it."""

import hashlib
from textwrap import dedent

from engine.broker.module_store import DAMAGED, StoredModule
from engine.runtime.kinds.table import kinds_of
from engine.runtime.loading.scripts import smartstream_exports
from engine.runtime.loading.wasm_sections import custom_section

DOCUMENTATION = "smartstream.doc"
"""The custom section with the doc comment of the source, as UTF-8."""


def describe_module(name: str, wasm: bytes, added: int | None, version: int | None = None) -> StoredModule:
    """What a module is; `damaged` if it does not export exactly one SmartStream.

    `added` is in milliseconds since the epoch; None if it is not known.
    """
    kinds = [kind.name for kind in kinds_of(smartstream_exports(wasm))]
    documentation = custom_section(wasm, DOCUMENTATION) or b""
    whole = len(kinds) == 1
    return StoredModule(
        name=name,
        version=version,
        kind=kinds[0] if whole else DAMAGED,
        size=len(wasm),
        sha256=hashlib.sha256(wasm).hexdigest(),
        added=added,
        # The lines of a doc comment start with the blank after the slashes.
        documentation=dedent(documentation.decode(errors="replace")).strip(),
        problem="" if whole else f"the stored SmartStream '{name}' does not export a SmartStream",
    )
