"""Opening a person's own editor on a file, with the dashboard out of the way."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.errors import EngineError

FALLBACKS = ("nano", "vim", "vi")


class EditorError(EngineError):
    """The editor could not be run."""


def command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The editor's command line: $VISUAL, else $EDITOR, else the first common one that is there."""
    wanted = environment.get("VISUAL") or environment.get("EDITOR")
    if wanted:
        try:
            words = shlex.split(wanted)
        except ValueError as error:
            raise EditorError(f"$EDITOR cannot be understood: {wanted}", f"{error}") from error
        if words:
            return words
    found = next((name for name in FALLBACKS if shutil.which(name)), None)
    if found is None:
        raise EditorError("no editor was found", "set EDITOR to the one you like")
    return [found]


def edit(path: Path) -> None:
    """Run the editor on `path` and wait for it; `EditorError` where it cannot be started."""
    words = command()
    with _interrupts_are_the_editors():
        try:
            subprocess.run([*words, str(path)], check=False)
        except OSError as error:
            remedy = "set EDITOR to one that is there"
            raise EditorError(f"the editor {words[0]} does not start: {error.strerror}", remedy) from error


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """Ctrl-C in an editor reaches this process too; it must not end it."""
    # A handler of our own, not SIG_IGN: the editor would inherit that.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
