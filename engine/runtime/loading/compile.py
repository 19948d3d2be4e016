"""Decides where a module is compiled: here, or in a process of its own within limits."""

from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.loading.checks import PAGE_BYTES, check_bytes, check_declared_memory
from engine.runtime.loading.compile_apart import compile_apart
from engine.runtime.loading.interpreters import load_script
from engine.runtime.loading.module import (
    GuestModule,
    compile_baseline,
    compile_module,
    revive_module,
)
from engine.runtime.loading.optimizing import Optimizing
from engine.runtime.loading.scripts import Script
from engine.runtime.loading.wasm_sections import TruncatedError, declared_pages, module_globals

LARGEST_HERE = 128 << 10
"""Bytes of a module from this program's own build that is compiled in this process, where nothing can end it.

A process takes 130 ms to start, and Cranelift 75 ms for that much output of rustc; a filter has 45 KB. Made
to be slow, such a module takes 5 s and 0.6 GB, and one of 180 KB 37 s and 1.7 GB (measured).
"""


def load_quickly(wasm: bytes, limits: Limits, name: str) -> tuple[GuestModule, Optimizing] | None:
    """Compile a module of this program's own build to baseline code; with it, what will optimize that.

    Errors as of `load_module`. None if only that can compile it, or an instance could not be moved.
    """
    if _script_in(wasm, limits, name) is not None or not _keeps_all_in_memory(wasm):
        return None
    baseline = compile_baseline(wasm, limits, name)
    if baseline is None:
        return None
    return baseline, Optimizing(lambda job: load_module(wasm, limits, name, job=job))


def _keeps_all_in_memory(wasm: bytes) -> bool:
    """Whether the module keeps nothing between calls outside its memory, as what rustc makes."""
    try:
        # The one is the stack pointer.
        return sum(one.mutable for one in module_globals(wasm)) <= 1
    except TruncatedError:
        return False


def load_module(
    wasm: bytes, limits: Limits, name: str, *, foreign: bool = False, job: Job | None = None
) -> GuestModule:
    """Compile a module; if it is `foreign`, or large, within the limits for compiling.

    A script gets its interpreter. `ContractError` naming what is wrong if it cannot be a SmartStream.
    Another thread may cancel `job`: then `SupersededError`, at once if the module is compiled in a process of
    its own.
    """
    script = _script_in(wasm, limits, name)
    if script is not None:
        return load_script(script, limits, name, job or Job())
    if not foreign and len(wasm) <= LARGEST_HERE:
        return compile_module(wasm, limits, name, foreign=False)
    native = compile_apart(wasm, limits, name, job or Job(), parallel=not foreign)
    return revive_module(native, limits, name)


def _script_in(wasm: bytes, limits: Limits, name: str) -> Script | None:
    """The script that a module holds, if any; `ContractError` for what is wrong without compiling it."""
    check_bytes(wasm, name)
    script = Script.of_module(wasm)
    if script is None:
        # Static data takes long to compile: too much of it is refused before that.
        check_declared_memory(declared_pages(wasm) * PAGE_BYTES, limits, name)
    return script
