"""Compiles a module in a process of its own, within limits."""

import os
import sys
import tempfile
from pathlib import Path

import engine
from engine import units
from engine.errors import ContractError, SmartStreamError
from engine.process.job import Ended, Job, OverdueError
from engine.runtime.limits import WALL_PATIENCE, Limits
from engine.runtime.loading import compile_worker

THREADS = "4"
"""Of wasmtime, at most: each has memory of its own."""


def compile_apart(
    wasm: bytes, limits: Limits, name: str, job: Job, *, parallel: bool, interpreter: bool = False
) -> bytes:
    """The compiled code of a module, or of an interpreter; errors as of `load_module`."""
    request = compile_worker.request(limits, name, parallel=parallel, interpreter=interpreter)
    return _answer(request, wasm, limits, name, job)


def compile_crates_apart(wasm: bytes, limits: Limits, job: Job, *, baseline: bool) -> bytes:
    """The compiled code of prelinked crates; errors as of `load_module`."""
    return _answer(compile_worker.request_crates(limits, baseline=baseline), wasm, limits, "crates", job)


def _answer(request: str, wasm: bytes, limits: Limits, name: str, job: Job) -> bytes:
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
    return compile_worker.read_answer(ended.output)


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
