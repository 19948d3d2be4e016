"""The names of stored SmartStreams, apart from the store so that listing them loads nothing that runs one."""

import re
from pathlib import Path

from engine.errors import LibraryFolderError

MAX_NAME = 200
SUFFIX = ".wasm"

_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}")


def modules_folder(data_folder: Path) -> Path:
    """Where a data folder has its stored SmartStreams."""
    return data_folder.absolute() / "smartstreams"


def is_name(text: str) -> bool:
    """Whether a SmartStream can be called so."""
    return _NAME.fullmatch(text) is not None


def stored_names(folder: Path) -> list[str]:
    """All that are stored in `modules_folder`, in order; `LibraryFolderError` where it cannot be read."""
    try:
        found = [path.stem for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise folder_refused(folder, error) from error
    return sorted(name for name in found if is_name(name))


def folder_refused(folder: Path, error: OSError) -> LibraryFolderError:
    """The error for what the operating system does not let us do in the folder."""
    return LibraryFolderError(
        f"SmartStreams cannot be kept in {folder}: {error.strerror or error}",
        "check its permissions and the free space on the disk",
    )
