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
_PLUS_LINE = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "mg"}
)
"""Editors that take `+LINE` before a file."""
_COLON_LINE = {
    **dict.fromkeys(("hx", "helix", "subl", "zed"), ()),
    **dict.fromkeys(("code", "codium", "code-insiders", "cursor"), ("-g",)),
}
"""Editors that take `FILE:LINE`, and what has to stand before that."""


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


def at_line(editor: str, path: Path, line: int | None) -> list[str]:
    """What an editor's command line names a file with, and a line from 1 if it is known to take one."""
    name = Path(editor).name
    if line is None:
        return [str(path)]
    if name in _PLUS_LINE:
        return [f"+{line}", str(path)]
    return [*_COLON_LINE[name], f"{path}:{line}"] if name in _COLON_LINE else [str(path)]


def edit(*paths: Path, line: int | None = None) -> None:
    """Run the editor on some files, at a line of the first, and wait; `EditorError` if it cannot start."""
    words = command()
    first, *others = paths
    files = [*at_line(words[0], first, line), *map(str, others)]
    # Ctrl-C in an editor reaches this process too. Not SIG_IGN, which the editor would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run([*words, *files], check=False)
    except OSError as error:
        remedy = "set EDITOR to an installed editor"
        raise EditorError(f"cannot start the editor {words[0]}: {error.strerror}", remedy) from error
    finally:
        signal.signal(signal.SIGINT, before)
