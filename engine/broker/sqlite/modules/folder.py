"""The folder of stored SmartStreams: one file per module, replaced in one step."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from engine.broker.module_store import (
    DAMAGED,
    LARGEST,
    ModuleStore,
    OnModuleChange,
    StoredModule,
    check_module_name,
    check_size,
    unknown_module,
    unknown_version,
)
from engine.broker.sqlite.modules.names import SUFFIX, folder_refused, modules_folder, stored_names
from engine.broker.sqlite.modules.versions import EarlierVersions
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.file_lock import FileLock
from engine.file_watcher import FileWatcher
from engine.files import create_folder, replace_file
from engine.folder_watcher import FolderWatch

_LOCK = ".lock"


class SmartStreamStore(ModuleStore):
    """SmartStreams in `smartstreams/NAME.wasm` of the data folder.

    Processes that read need no lock, and none sees half of a module.
    """

    def __init__(self, data_folder: Path) -> None:
        """Nothing is created before the first `add`."""
        self._folder = modules_folder(data_folder)
        self._earlier = EarlierVersions(self._folder)
        self._folder_watch = FolderWatch()

    def path(self, name: str) -> Path:
        """The file of a module, which need not exist; `SmartStreamError` if `name` is not a name."""
        check_module_name(name)
        return self._folder / f"{name}{SUFFIX}"

    def names(self) -> list[str]:
        return stored_names(self._folder)

    def describe_all(self) -> list[StoredModule]:
        found = []
        for name in self.names():
            try:
                found.append(self.describe(name))
            except UnknownSmartStreamError:  # removed meanwhile
                continue
            except SmartStreamError as error:
                with suppress(OSError):
                    status = self.path(name).stat()
                    damaged = StoredModule(
                        name=name,
                        kind=DAMAGED,
                        size=status.st_size,
                        added=_milliseconds(status),
                        problem=error.message,
                    )
                    found.append(damaged)
        return found

    def add(self, name: str, wasm: bytes) -> bool:
        path = self.path(name)
        with self._changing():
            replaces = path.exists()
            if path.is_file():
                self._earlier.keep(name, path)
            replace_file(path, wasm, private=True)
        return replaces

    def remove(self, name: str) -> None:
        path = self.path(name)
        if not path.exists():
            raise unknown_module(name, self.names())
        with self._changing():
            path.unlink(missing_ok=True)
            self._earlier.forget(name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock of the folder; `LibraryFolderError` for what goes wrong there."""
        try:
            create_folder(self._folder)
            with closing(FileLock(self._folder / _LOCK)) as lock, lock:
                yield
        except OSError as error:
            raise folder_refused(self._folder, error) from error

    def load(self, name: str, version: int | None = None) -> bytes:
        return self._read(self._file(name, version), name)[0]

    def watch(self, name: str, on_change: OnModuleChange) -> FileWatcher:
        watcher = FileWatcher(lambda change: on_change(change.saved), self._folder_watch)
        watcher.watch([self.path(name)])
        watcher.start()
        return watcher

    def versions(self, name: str) -> Sequence[int]:
        if not self.path(name).exists():
            raise unknown_module(name, self.names())
        earlier = self._numbers(name)
        return [*earlier, max(earlier, default=0) + 1]

    def _numbers(self, name: str) -> list[int]:
        try:
            return self._earlier.numbers(name)
        except OSError as error:
            raise folder_refused(self._folder, error) from error

    def _file(self, name: str, version: int | None) -> Path:
        """The file of a module, or of a version of it."""
        if version is None:
            return self.path(name)
        *earlier, newest = self.versions(name)
        if version not in (*earlier, newest):
            raise unknown_version(name, version, [*earlier, newest])
        return self.path(name) if version == newest else self._earlier.path(name, version)

    def describe(self, name: str, version: int | None = None) -> StoredModule:
        from engine.broker.module_description import describe_module  # imports the kinds

        wasm, status = self._read(self._file(name, version), name)
        number = version if version is not None else max(self._numbers(name), default=0) + 1
        return describe_module(name, wasm, _milliseconds(status), number)

    def _read(self, path: Path, name: str) -> tuple[bytes, os.stat_result]:
        try:
            # Checked before opening, which would wait for a named pipe.
            if not stat.S_ISREG(path.stat().st_mode):
                raise SmartStreamError(f"{path} is not a file", f"remove it, and add '{name}' again")
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                wasm = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise unknown_module(name, self.names()) from None
        except NotADirectoryError as error:
            raise folder_refused(self._folder, error) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise SmartStreamError(f"{path} cannot be read: {reason}", "check its permissions") from error
        check_size(wasm, f"the stored SmartStream '{name}'")
        return wasm, status


def _milliseconds(status: os.stat_result) -> int:
    return status.st_mtime_ns // 1_000_000
