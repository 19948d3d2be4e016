"""The folder of stored SmartStreams: one module a file, replaced in one step, checked whenever it is read."""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from engine.errors import SmartStreamError, UnknownSmartStreamError, did_you_mean
from engine.files import replace_file
from engine.library.names import MAX_NAME, SUFFIX, folder_refused, is_name, modules_folder, stored_names
from engine.process import Job
from engine.runtime.config import ModuleConfig
from engine.runtime.kinds.table import KINDS
from engine.runtime.smartstream import SmartStream
from engine.runtime.wasm_sections import custom_section, exported_names

LARGEST = 16 << 20
"""Bytes of a module at most."""
DOCUMENTATION = "smartstream.doc"
"""The custom section that holds what the source says about itself, as UTF-8."""

_DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class StoredModule:
    """What is known of a stored SmartStream without running it."""

    name: str
    kind: str
    """`filter`; or `damaged`, where the file is not, or no longer, what can be added."""
    size: int
    """Bytes."""
    sha256: str
    """Of the file, in hexadecimal; empty where that cannot be read, or is far too large."""
    added: int
    """When it was added, or last replaced: milliseconds since the epoch."""
    documentation: str
    """The source's doc comment where it was written in Rust, else empty; text from anywhere."""
    problem: str = ""
    """Why it is `damaged`, as a sentence without a full stop; empty where it is not."""


class SmartStreamStore:
    """SmartStreams by name, in `smartstreams/NAME.wasm` of the data folder.

    A module's file is all there is of it: several processes need no lock, and none sees half of one. Any
    thread may use an instance. Whatever the folder does not allow is a `SmartStreamError`.
    """

    def __init__(self, data_folder: Path) -> None:
        """Nothing is created before something is added."""
        self._folder = modules_folder(data_folder)

    def path(self, name: str) -> Path:
        """Where the module of that name is or would be kept; `SmartStreamError` where that is no name."""
        if not is_name(name):
            shown = name if len(name) <= MAX_NAME else f"{name[:40]}…"
            raise SmartStreamError(
                f"a SmartStream cannot be called '{shown}'",
                f"use 1 to {MAX_NAME} letters (a to z, A to Z), digits, and any of _ and, but for the "
                "first, . and -",
            )
        return self._folder / f"{name}{SUFFIX}"

    def names(self) -> list[str]:
        """The names of all that are stored, in order."""
        return stored_names(self._folder)

    def modules(self) -> list[StoredModule]:
        """What is known of all that are stored, by name; one that cannot be read is `damaged`."""
        found = []
        for name in self.names():
            try:
                found.append(self.describe(name))
            except UnknownSmartStreamError:  # removed meanwhile
                continue
            except SmartStreamError as error:
                with suppress(OSError):
                    found.append(self._damaged(name, error.message))
        return found

    def _damaged(self, name: str, problem: str) -> StoredModule:
        status = self.path(name).stat()
        return StoredModule(name, _DAMAGED, status.st_size, "", _milliseconds(status), "", problem)

    def add(
        self,
        name: str,
        wasm: bytes,
        origin: str,
        *,
        config: ModuleConfig | None = None,
        job: Job | None = None,
    ) -> bool:
        """Check, within limits, and store a module; whether it replaced another one of that name.

        `ContractError` where it cannot be a SmartStream; it is called `origin` there. `SupersededError`
        where `job` was cancelled before it was checked.
        """
        path = self.path(name)
        _open(wasm, origin, config, job).close()
        try:
            replaces = path.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_file(path, wasm)
        except OSError as error:
            raise folder_refused(self._folder, error) from error
        return replaces

    def remove(self, name: str) -> None:
        """Remove a module; `UnknownSmartStreamError` where there is none."""
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            raise self._unknown(name) from None
        except OSError as error:
            raise folder_refused(self._folder, error) from error

    def load(self, name: str) -> bytes:
        """The bytes of a module, as yet unchecked; `UnknownSmartStreamError` where there is none."""
        return self._read(name)[0]

    def open(self, name: str, *, config: ModuleConfig | None = None, job: Job | None = None) -> SmartStream:
        """A module, checked and ready to evaluate; `ContractError` where it cannot be a SmartStream.

        `SupersededError` where `job` was cancelled meanwhile.
        """
        return _open(self.load(name), f"the stored SmartStream '{name}'", config, job)

    def describe(self, name: str) -> StoredModule:
        """What is known of a module; `UnknownSmartStreamError` where there is none."""
        wasm, status = self._read(name)
        kinds = [KINDS[export].name for export in exported_names(wasm) if export in KINDS]
        documentation = custom_section(wasm, DOCUMENTATION) or b""
        whole = len(kinds) == 1
        return StoredModule(
            name,
            kinds[0] if whole else _DAMAGED,
            len(wasm),
            hashlib.sha256(wasm).hexdigest(),
            _milliseconds(status),
            # The lines of a doc comment begin with the blank after their slashes.
            dedent(documentation.decode(errors="replace")).strip(),
            "" if whole else f"the stored SmartStream '{name}' does not export what a SmartStream has to",
        )

    def _read(self, name: str) -> tuple[bytes, os.stat_result]:
        path = self.path(name)
        try:
            # Asked before it is opened: a named pipe would keep us waiting.
            if not stat.S_ISREG(path.stat().st_mode):
                raise SmartStreamError(f"{path} is not a file", f"remove it, and add '{name}' again")
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                wasm = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise self._unknown(name) from None
        except NotADirectoryError as error:
            raise folder_refused(self._folder, error) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise SmartStreamError(f"{path} cannot be read: {reason}", "check its permissions") from error
        _check_size(wasm, f"the stored SmartStream '{name}'")
        return wasm, status

    def _unknown(self, name: str) -> UnknownSmartStreamError:
        remedy = did_you_mean(name, self.names())
        return UnknownSmartStreamError(f"there is no SmartStream '{name}'", remedy, subject=name)


def _milliseconds(status: os.stat_result) -> int:
    """When a file was written, since the epoch."""
    return status.st_mtime_ns // 1_000_000


def _open(wasm: bytes, called: str, config: ModuleConfig | None, job: Job | None) -> SmartStream:
    _check_size(wasm, called)
    return SmartStream(wasm, config=config, name=called, foreign=True, job=job)


def _check_size(wasm: bytes, called: str) -> None:
    if len(wasm) > LARGEST:
        raise SmartStreamError(
            f"{called} is larger than {LARGEST >> 20} MiB, which no SmartStream is",
            "build it for release, without debug information",
        )
