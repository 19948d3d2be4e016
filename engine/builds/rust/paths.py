"""Paths of the parts of the program that are not Python, and of the build cache."""

import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_cache_path

from engine.errors import BuildError

_ENGINE = Path(__file__).resolve().parents[2]


def sdk_folder() -> Path:
    """The Rust crates that a filter is compiled with."""
    return _filters() / "sdk"


def examples_folder() -> Path:
    """The example filters, one file each."""
    return _filters() / "examples"


def template_file() -> Path:
    """The filter that a new file starts as."""
    return _filters() / "template.rs"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The build cache: `FLUVIO_TUI_CACHE`, else the platform's cache folder. It may not exist yet."""
    named = environ.get("FLUVIO_TUI_CACHE")
    return Path(named).absolute() if named else user_cache_path("fluvio-tui")


def _filters() -> Path:
    for folder in (_ENGINE / "_filters", _ENGINE.parent / "filters"):
        if folder.is_dir():
            return folder
    raise BuildError(
        f"the Rust crates of fluvio-tui are missing beside {_ENGINE}", "install fluvio-tui again"
    )
