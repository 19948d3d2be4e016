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
from engine.runtime.compile_apart import compile_apart
from engine.runtime.limits import Limits
from engine.runtime.module import GuestModule, revive_interpreter
from engine.runtime.scripts import Script

NAMES = {"javascript": "JavaScript", "typescript": "TypeScript"}
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


def load_script(script: Script, limits: Limits, name: str, job: Job) -> GuestModule:
    """The interpreter of a script, ready to load it.

    Only what this program has built runs, whatever else the module of the script holds. `UnpreparedError` if
    it is not built.
    """
    if script.language not in NAMES:
        raise UnknownLanguageError(name, script.language)
    native = native_code(script.language, limits, job)
    try:
        return revive_interpreter(native, script, limits, name)
    except WasmtimeError:
        # Damaged, or of another processor.
        native.unlink(missing_ok=True)
    return revive_interpreter(native_code(script.language, limits, job), script, limits, name)


def native_code(language: str, limits: Limits, job: Job) -> Path:
    """The file with the compiled code of an interpreter, which is compiled once and then kept."""
    module = interpreter_file(language)
    try:
        built = module.stat()
    except OSError:
        raise UnpreparedError(language) from None
    # What is in there runs unchecked.
    check_folder(_folder(), SmartStreamError)
    # The configuration, the version of wasmtime and the module decide what the code is.
    variant = f"{version('wasmtime')}-{'timed' if limits.timed else 'untimed'}-{built.st_mtime_ns:x}"
    native = module.with_name(f"{module.stem}-{variant}.native")
    if not native.exists():
        job.report(f"preparing {NAMES[language]}, once: compiling its interpreter for this machine")
        ours = Limits(timed=limits.timed, compile_seconds=60.0, compile_bytes=2 << 30)
        code = compile_apart(module.read_bytes(), ours, NAMES[language], job, parallel=True, interpreter=True)
        replace_file(native, code, durable=False, private=True)
        job.report("")
    return native


def install_interpreter(language: str, wasm: bytes) -> Path:
    """Keep the module of an interpreter that was built."""
    create_folder(_folder())
    check_folder(_folder(), SmartStreamError)
    module = interpreter_file(language)
    for old in module.parent.glob(f"{module.stem}-*.native"):
        old.unlink(missing_ok=True)
    replace_file(module, wasm, durable=False, private=True)
    return module


def _folder() -> Path:
    return cache_folder(os.environ) / "interpreters"


@cache
def _digest(sdk: Path, language: str) -> str:
    digest = hashlib.sha256()
    for crate in (language, *_CRATES):
        for path in sorted((sdk / crate).rglob("*")):
            if path.suffix in (".rs", ".toml", ".lock") and "target" not in path.parts:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(sdk)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:16]
