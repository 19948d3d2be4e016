"""Checks what the program needs, and installs what is missing."""

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence

from watchfiles import watch

from engine.builds.language import Check, Language, Report
from engine.builds.languages import LANGUAGES as ALL_LANGUAGES

Languages = Sequence[Language]
LANGUAGES: Languages = tuple(language for language in ALL_LANGUAGES if not language.optional)
"""Those that are set up without a question."""
_OLDEST_PYTHON = (3, 11)
_PACKAGES = ("textual", "wasmtime", "pyarrow", "watchfiles")


def checks(environ: Mapping[str, str] = os.environ, languages: Languages = LANGUAGES) -> tuple[Check, ...]:
    """Look at everything that the program needs, and what builds in these languages need."""
    return (
        _python(),
        *map(_package, _PACKAGES),
        *(check for language in languages for check in language.checks(environ)),
        _file_events(),
        _terminal(environ),
    )


def fix(report: Report, environ: Mapping[str, str] = os.environ, languages: Languages = LANGUAGES) -> None:
    """Install what builds in these languages need; see `Language.install`."""
    for language in languages:
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
    """Whether the system notifies of saves; without free watches, files are polled."""
    stopped = threading.Event()
    stopped.set()
    try:
        with tempfile.TemporaryDirectory() as folder:
            next(watch(folder, stop_event=stopped), None)
    except (OSError, RuntimeError) as error:
        return Check("file events", True, f"none ({error}): saves are noticed a little later")
    return Check("file events", True, "the system notifies of saves")


def _terminal(environ: Mapping[str, str]) -> Check:
    name = environ.get("TERM", "")
    if name in ("", "dumb"):
        return Check("terminal", True, "none, which only the dashboard needs")
    size = shutil.get_terminal_size()
    return Check("terminal", True, f"{name}, {size.columns} columns, {size.lines} lines")
