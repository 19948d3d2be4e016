"""The names of stored SmartStreams, apart from the store: listing them loads no runtime."""

from pathlib import Path

from engine.broker.module_store import is_module_name
from engine.errors import LibraryFolderError

SUFFIX = ".wasm"


def modules_folder(data_folder: Path) -> Path:
    """The folder of stored SmartStreams in a data folder."""
    return data_folder.absolute() / "smartstreams"


def stored_names(folder: Path) -> list[str]:
    """All names in `modules_folder`, sorted; `LibraryFolderError` if it cannot be read."""
    try:
        found = [path.stem for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise folder_refused(folder, error) from error
    return sorted(name for name in found if is_module_name(name))


def folder_refused(folder: Path, error: OSError) -> LibraryFolderError:
    """The folder cannot be used, by the word of the operating system."""
    return LibraryFolderError(
        f"cannot use the folder of SmartStreams {folder}: {error.strerror or error}",
        "check its permissions and the free space on the disk",
    )
