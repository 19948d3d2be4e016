"""Runs the user's editor on a file."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engine.errors import EngineError

FALLBACKS = ("nano", "vim", "vi")


class EditorError(EngineError):
    """The editor could not be run."""


def command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The editor's command line: $VISUAL, else $EDITOR, else the first common one that is installed."""
    wanted = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(wanted)
    except ValueError as error:
        raise EditorError(f"invalid $EDITOR: {wanted}", f"{error}") from error
    if words:
        return words
    found = next((name for name in FALLBACKS if shutil.which(name)), None)
    if found is None:
        raise EditorError("no editor found", "set EDITOR to your editor")
    return [found]


def edit(*paths: Path) -> None:
    """Run the editor on some files and wait for it; `EditorError` if it cannot start."""
    words = command()
    # Ctrl-C in an editor reaches this process too. Not SIG_IGN, which the editor would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run([*words, *map(str, paths)], check=False)
    except OSError as error:
        remedy = "set EDITOR to an installed editor"
        raise EditorError(f"cannot start the editor {words[0]}: {error.strerror}", remedy) from error
    finally:
        signal.signal(signal.SIGINT, before)
