"""Interpreters: modules that this program builds itself, and that run the sources of scripts."""

import hashlib
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

from wasmtime import WasmtimeError

from engine.errors import SmartStreamError
from engine.files import check_folder, create_folder, replace_file
from engine.process.job import Job
from engine.resources import cache_folder, filters_folder
from engine.runtime.limits import Limits
from engine.runtime.loading.compile_apart import compile_apart
from engine.runtime.loading.module import GuestModule, revive_interpreter
from engine.runtime.loading.scripts import Script

NAMES = {"javascript": "JavaScript", "python": "Python (RustPython)", "typescript": "TypeScript"}
"""How the languages with an interpreter are shown, by the folder of its crate."""
_CRATES = ("guest", "macros")
"""That an interpreter is built from, beside its own."""


class UnpreparedError(SmartStreamError, code="unprepared"):
    """An interpreter is not built yet. The subject is its language."""

    def __init__(self, language: str) -> None:
        name = NAMES.get(language, language)
        super().__init__(f"{name} is not prepared: its interpreter is not built yet", subject=language)


class UnknownLanguageError(SmartStreamError):
    """This program has no interpreter for the language of a script."""

    def __init__(self, name: str, language: str) -> None:
        shown = ascii(language[:40])
        super().__init__(
            f"{name} is written in {shown}, which this program cannot run", "install a newer fluvio-tui"
        )


def interpreter_file(language: str) -> Path:
    """Where the module of an interpreter is once it is built, from the sources that are installed now."""
    return _folder() / f"{language}-{_digest(filters_folder() / 'sdk', language)}.wasm"


def load_script(script: Script, limits: Limits, name: str, job: Job, *, known: bool = True) -> GuestModule:
    """The interpreter of a script, ready to load it; if its functions are not `known`, only to find them.

    Only what this program has built runs, whatever else the module of the script holds. `UnpreparedError` if
    it is not built.
    """
    if script.language not in NAMES:
        raise UnknownLanguageError(name, script.language)
    native = native_code(script.language, limits, job)
    try:
        return revive_interpreter(native, script, limits, name, known=known)
    except WasmtimeError:
        # Damaged, or of another processor.
        native.unlink(missing_ok=True)
    native = native_code(script.language, limits, job)
    return revive_interpreter(native, script, limits, name, known=known)


def native_code(language: str, limits: Limits, job: Job) -> Path:
    """The file with the compiled code of an interpreter, which is compiled once and then kept."""
    module = interpreter_file(language)
    if not module.exists():
        raise UnpreparedError(language)
    # What is in there runs unchecked.
    check_folder(_folder(), SmartStreamError)
    native = _native_file(module, limits)
    if not native.exists():
        replace_file(
            native, _compiled(language, module.read_bytes(), limits, job), durable=False, private=True
        )
    return native


def install_interpreter(language: str, wasm: bytes, job: Job) -> None:
    """Keep the module of an interpreter that was built; `ContractError` if it is none, as with imports."""
    limits = Limits()
    code = _compiled(language, wasm, limits, job)
    module = interpreter_file(language)
    create_folder(module.parent)
    check_folder(module.parent, SmartStreamError)
    for old in module.parent.glob(f"{module.stem}-*.native"):
        old.unlink(missing_ok=True)
    replace_file(_native_file(module, limits), code, durable=False, private=True)
    replace_file(module, wasm, durable=False, private=True)


def _compiled(language: str, wasm: bytes, limits: Limits, job: Job) -> bytes:
    job.report(f"preparing {NAMES[language]}, once: compiling its interpreter for this machine")
    ours = Limits(timed=limits.timed, compile_seconds=60.0, compile_bytes=2 << 30)
    code = compile_apart(wasm, ours, NAMES[language], job, parallel=True, interpreter=True)
    job.report("")
    return code


def _native_file(module: Path, limits: Limits) -> Path:
    """The version of wasmtime and the configuration decide what the code is, beside the module."""
    variant = f"{version('wasmtime')}-{'timed' if limits.timed else 'untimed'}"
    return module.with_name(f"{module.stem}-{variant}.native")


def _folder() -> Path:
    return cache_folder(os.environ) / "interpreters"


@cache
def _digest(sdk: Path, language: str) -> str:
    digest = hashlib.sha256()
    for crate in (language, *_CRATES):
        for path in sorted((sdk / crate).rglob("*")):
            if path.suffix in (".rs", ".toml", ".lock", ".py") and "target" not in path.parts:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(sdk)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:16]
