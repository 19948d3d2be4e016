"""Decides where a module is compiled: here, or in a process of its own within limits."""

import os
import sys
import tempfile
from pathlib import Path

import engine
from engine import units
from engine.errors import ContractError, SmartStreamError
from engine.process.job import Ended, Job, OverdueError
from engine.runtime import compile_worker
from engine.runtime.limits import WALL_PATIENCE, Limits
from engine.runtime.module import PAGE_BYTES, GuestModule, check_bytes, check_declared_memory, compile_module
from engine.runtime.wasm_sections import declared_pages

THREADS = "4"
"""Of wasmtime, in a process of its own, at most: each has memory of its own."""
LARGEST_HERE = 128 << 10
"""Bytes of a module from this program's own build that is compiled in this process, where nothing can end it.

A process takes 130 ms to start, and Cranelift 75 ms for that much output of rustc; a filter has 45 KB. Made
to be slow, such a module takes 5 s and 0.6 GB, and one of 180 KB 37 s and 1.7 GB (measured).
"""


def load_module(
    wasm: bytes, limits: Limits, name: str, *, foreign: bool = False, job: Job | None = None
) -> GuestModule:
    """Compile a module; if it is `foreign`, or large, within the limits for compiling.

    `ContractError` naming what is wrong if it cannot be a SmartStream. Another thread may cancel `job`: then
    `SupersededError`, at once if the module is compiled in a process of its own.
    """
    check_bytes(wasm, name)
    # Static data takes long to compile: too much of it is refused before that.
    check_declared_memory(declared_pages(wasm) * PAGE_BYTES, limits, name)
    if not foreign and len(wasm) <= LARGEST_HERE:
        return compile_module(wasm, limits, name)
    return _compile_apart(wasm, limits, name, job or Job(), parallel=not foreign)


def _compile_apart(wasm: bytes, limits: Limits, name: str, job: Job, *, parallel: bool) -> GuestModule:
    request = compile_worker.request(limits, name, parallel=parallel)
    command = [sys.executable, "-P", "-m", compile_worker.__name__, request]
    # With the same module search path as this process.
    home = str(Path(engine.__file__).parents[1])
    paths = os.pathsep.join([home, *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "RAYON_NUM_THREADS": THREADS}
    try:
        with tempfile.TemporaryFile() as file:
            file.write(wasm)
            file.seek(0)
            patience = WALL_PATIENCE * limits.compile_seconds
            ended = job.run(command, environment, stdin=file.fileno(), seconds=patience)
    except OverdueError:
        ended = Ended(-compile_worker.OUT_OF_TIME, b"", b"")
    except OSError as error:
        raise SmartStreamError(
            f"{name} cannot be compiled: {error.strerror or error}",
            "compiling needs a process of its own, memory, and disk space for temporary files",
        ) from error
    if ended.status:
        raise _failure(ended, limits, name)
    return compile_worker.read_answer(ended.output, limits, name)


def _failure(ended: Ended, limits: Limits, name: str) -> SmartStreamError:
    remedy = "divide its largest functions into smaller ones"
    if ended.status == -compile_worker.OUT_OF_TIME:
        limit = units.duration(limits.compile_seconds)
        return ContractError(f"{name} takes longer than {limit} to compile", remedy)
    report = ended.errors.decode(errors="replace").strip()
    if "memory allocation" in report or "MemoryError" in report:
        limit = units.size(limits.compile_bytes)
        return ContractError(f"{name} takes more than {limit} of memory to compile", remedy)
    reason = report.splitlines()[-1] if report else "its process was killed"
    return SmartStreamError(f"{name} cannot be compiled: the compiler failed: {reason}")
