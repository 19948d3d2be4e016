"""Folders outside the Python packages: what is installed with the program, and its cache."""

import os
from collections.abc import Mapping
from pathlib import Path

from engine.errors import EngineError

_ENGINE = Path(__file__).resolve().parent


class MissingFilesError(EngineError):
    """A part of the program is not installed."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The build cache: `FLUVIO_TUI_CACHE`, else the platform's cache folder. It may not exist yet."""
    named = environ.get("FLUVIO_TUI_CACHE")
    if named:
        return Path(named).absolute()
    # Late: `--help` needs none of it.
    from platformdirs import user_cache_path

    return user_cache_path("fluvio-tui")


def filters_folder() -> Path:
    """What is installed that is not Python: the SDK, interpreters, examples and templates."""
    for folder in (_ENGINE / "_filters", _ENGINE.parent / "filters"):
        if folder.is_dir():
            return folder
    raise MissingFilesError(
        f"the Rust crates of fluvio-tui are missing beside {_ENGINE}", "install fluvio-tui again"
    )
