"""The names of stored SmartStreams, apart from the store: listing them loads no runtime."""

import re
from pathlib import Path

from engine.errors import LibraryFolderError

MAX_NAME = 200
SUFFIX = ".wasm"

_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}")


def modules_folder(data_folder: Path) -> Path:
    """The folder of stored SmartStreams in a data folder."""
    return data_folder.absolute() / "smartstreams"


def is_name(text: str) -> bool:
    """Whether a SmartStream may have this name."""
    return _NAME.fullmatch(text) is not None


def stored_names(folder: Path) -> list[str]:
    """All names in `modules_folder`, sorted; `LibraryFolderError` if it cannot be read."""
    try:
        found = [path.stem for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise folder_refused(folder, error) from error
    return sorted(name for name in found if is_name(name))


def folder_refused(folder: Path, error: OSError) -> LibraryFolderError:
    """The folder cannot be used, by the word of the operating system."""
    return LibraryFolderError(
        f"cannot use the folder of SmartStreams {folder}: {error.strerror or error}",
        "check its permissions and the free space on the disk",
    )
