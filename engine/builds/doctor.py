"""Checks what the program needs, and installs what is missing."""

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from engine.builds.language import Check, Report
from engine.builds.languages import LANGUAGES
from engine.folder_events import Polling, folder_events

_OLDEST_PYTHON = (3, 11)
_PACKAGES = ("textual", "wasmtime", "pyarrow")


def checks(environ: Mapping[str, str] = os.environ) -> tuple[Check, ...]:
    """Look at everything that the program needs."""
    return (
        _python(),
        *map(_package, _PACKAGES),
        *(check for language in LANGUAGES for check in language.checks(environ)),
        _file_events(),
        _terminal(environ),
    )


def fix(report: Report, environ: Mapping[str, str] = os.environ) -> None:
    """Install what builds need; see `Language.install`."""
    for language in LANGUAGES:
        language.install(report, environ)


def _python() -> Check:
    ok = sys.version_info[:2] >= _OLDEST_PYTHON
    remedy = "" if ok else f"install Python {'.'.join(map(str, _OLDEST_PYTHON))} or later"
    return Check("Python", ok, f"{platform.python_version()}, {sys.executable}", remedy)


def _package(name: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed", "install fluvio-tui again")


def _file_events() -> Check:
    """Whether the system notifies of saves; otherwise files are looked at again and again."""
    later = "saves are noticed a little later"
    try:
        with closing(folder_events()) as events, tempfile.TemporaryDirectory() as folder:
            if isinstance(events, Polling):
                return Check("file events", True, f"none: {later}")
            events.watch([Path(folder)])
    except OSError as error:
        return Check("file events", True, f"none ({error}): {later}")
    return Check("file events", True, "the system notifies of saves")


def _terminal(environ: Mapping[str, str]) -> Check:
    name = environ.get("TERM", "")
    if name in ("", "dumb"):
        return Check("terminal", True, "none, which only the dashboard needs")
    size = shutil.get_terminal_size()
    return Check("terminal", True, f"{name}, {size.columns} columns, {size.lines} lines")
