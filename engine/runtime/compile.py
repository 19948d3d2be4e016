"""Decides where a module is compiled: here, or in a process of its own within limits."""

from engine.process.job import Job
from engine.runtime.compile_apart import compile_apart
from engine.runtime.interpreters import load_script
from engine.runtime.limits import Limits
from engine.runtime.module import (
    PAGE_BYTES,
    GuestModule,
    check_bytes,
    check_declared_memory,
    compile_module,
    revive_module,
)
from engine.runtime.scripts import Script
from engine.runtime.wasm_sections import declared_pages

LARGEST_HERE = 128 << 10
"""Bytes of a module from this program's own build that is compiled in this process, where nothing can end it.

A process takes 130 ms to start, and Cranelift 75 ms for that much output of rustc; a filter has 45 KB. Made
to be slow, such a module takes 5 s and 0.6 GB, and one of 180 KB 37 s and 1.7 GB (measured).
"""


def load_module(
    wasm: bytes, limits: Limits, name: str, *, foreign: bool = False, job: Job | None = None
) -> GuestModule:
    """Compile a module; if it is `foreign`, or large, within the limits for compiling.

    A script gets its interpreter. `ContractError` naming what is wrong if it cannot be a SmartStream.
    Another thread may cancel `job`: then `SupersededError`, at once if the module is compiled in a process of
    its own.
    """
    check_bytes(wasm, name)
    script = Script.of_module(wasm)
    if script is not None:
        return load_script(script, limits, name, job or Job())
    # Static data takes long to compile: too much of it is refused before that.
    check_declared_memory(declared_pages(wasm) * PAGE_BYTES, limits, name)
    if not foreign and len(wasm) <= LARGEST_HERE:
        return compile_module(wasm, limits, name)
    native = compile_apart(wasm, limits, name, job or Job(), parallel=not foreign)
    return revive_module(native, limits, name)
