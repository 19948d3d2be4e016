"""The folder of stored SmartStreams: one file per module, replaced in one step."""

import os
import stat
from contextlib import suppress
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
)
from engine.broker.sqlite.module_names import SUFFIX, folder_refused, modules_folder, stored_names
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.file_watcher import FileWatcher
from engine.files import create_folder, replace_file
from engine.folder_watcher import FolderWatch


class SmartStreamStore(ModuleStore):
    """SmartStreams in `smartstreams/NAME.wasm` of the data folder.

    Everything about a module is in its file, so processes need no lock, and none sees half of a module.
    """

    def __init__(self, data_folder: Path) -> None:
        """Nothing is created before the first `add`."""
        self._folder = modules_folder(data_folder)
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
        try:
            replaces = path.exists()
            create_folder(self._folder)
            replace_file(path, wasm, private=True)
        except OSError as error:
            raise folder_refused(self._folder, error) from error
        return replaces

    def remove(self, name: str) -> None:
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            raise unknown_module(name, self.names()) from None
        except OSError as error:
            raise folder_refused(self._folder, error) from error

    def load(self, name: str) -> bytes:
        return self._read(name)[0]

    def watch(self, name: str, on_change: OnModuleChange) -> FileWatcher:
        watcher = FileWatcher(lambda change: on_change(change.saved), self._folder_watch)
        watcher.watch([self.path(name)])
        watcher.start()
        return watcher

    def describe(self, name: str) -> StoredModule:
        from engine.broker.module_description import describe_module  # imports the kinds

        wasm, status = self._read(name)
        return describe_module(name, wasm, _milliseconds(status))

    def _read(self, name: str) -> tuple[bytes, os.stat_result]:
        path = self.path(name)
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
