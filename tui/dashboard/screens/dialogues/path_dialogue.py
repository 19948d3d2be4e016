"""Dialogues that ask for the path of a file."""

import stat
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from textual.widgets import Input

from engine.units import InvalidValueError
from tui.dashboard.screens.dialogues.input_dialogue import Answer, InputDialogue

NO_FOLDER = "no such folder"
NOT_REGULAR = "not a regular file, but a pipe or a device"


class PathDialogue(InputDialogue[Answer]):
    """Takes a path once nothing is wrong with it."""

    CONFIRM: ClassVar[str] = ""
    """The problem of a path that is taken if ⏎ is pressed again; empty if there is none."""
    _confirmed: Path | None = None
    """The path that it was last about."""

    @abstractmethod
    def check(self, path: Path) -> str:
        """Why a path, which is no folder, cannot be used; empty if it can. Raises `OSError`, `ValueError`."""

    def path(self, typed: str) -> Path:
        """The path that is typed; `InvalidValueError` if it cannot be used, or is to be confirmed."""
        if not typed.strip():
            raise InvalidValueError("type the path of a file")
        try:
            path = Path(typed.strip()).expanduser()
            problem = "this is a folder: name a file in it" if _is_folder(path) else self.check(path)
        except RuntimeError:
            raise InvalidValueError("unknown home folder") from None
        except (OSError, ValueError) as error:
            raise InvalidValueError(f"invalid path: {error}") from error
        if not problem or (problem == self.CONFIRM and path == self._confirmed):
            return path
        self._confirmed = path if problem == self.CONFIRM else None
        raise InvalidValueError(problem)

    def on_input_changed(self, event: Input.Changed) -> None:  # noqa: ARG002
        self._confirmed = None


def _is_folder(path: Path) -> bool:
    # Not `Path.is_dir`, which from Python 3.14 on raises nothing of what is wrong with a path.
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


class OutputFileDialogue(PathDialogue[Path]):
    """Returns the path of a file to write, in a folder that exists."""

    def __init__(self, *, title: str, keys: str, name: str) -> None:
        """`name` is a proposal for the file."""
        super().__init__(
            title=title,
            keys=keys,
            entry=Input(name, compact=True, select_on_focus=False),
            answer=lambda typed, _: self.path(typed),
        )

    def check(self, path: Path) -> str:
        return self.check_file(path) if path.parent.is_dir() else NO_FOLDER

    @abstractmethod
    def check_file(self, path: Path) -> str:
        """As `check`, of a path in a folder that exists."""
