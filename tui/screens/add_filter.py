"""Asks for the file of a filter to add."""

import os
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label

from tui import format


def problem_with(path: Path) -> str:
    """Why a file cannot be a filter, in one line; empty where it can."""
    try:
        if path.is_dir():
            return "that is a folder: name a file in it"
        if not path.exists():
            return "there is no such file"
        if not path.is_file():
            return "that is no regular file, but a pipe or a device"
        if path.suffix != ".rs":
            return "a filter is written in Rust: its name ends in .rs"
        if not os.access(path, os.R_OK):
            return "that file cannot be read: permission denied"
    except (OSError, ValueError) as error:
        return format.harmless(f"that is no path: {error}")
    return ""


class PathSuggester(Suggester):
    """Completes the path of a folder or of a Rust file."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first path that begins like `value`."""
        start = value.rpartition("/")[2]
        try:
            names = sorted(Path(value.removesuffix(start) or ".").expanduser().iterdir())
        except (OSError, ValueError, RuntimeError):
            return None
        for path in names:
            if path.name.startswith(start) and (start or not path.name.startswith(".")):
                if path.is_dir():
                    return f"{value.removesuffix(start)}{path.name}/"
                if path.suffix == ".rs":
                    return f"{value.removesuffix(start)}{path.name}"
        return None


class AddFilter(ModalScreen[Path | None]):
    """Returns the path of a readable Rust file, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def compose(self) -> ComposeResult:
        """One line to type in, one for what is wrong with it."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content("add a filter")
            box.border_subtitle = Content("⏎ adds · → completes · esc cancels")
            yield Input(
                placeholder="path of a Rust file, such as filters/has_number.rs", suggester=PathSuggester()
            )
            yield Label("", id="problem", markup=False)

    def on_input_changed(self) -> None:
        """A corrected path is not wrong any more."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the path, or say why not."""
        if not event.value.strip():
            self._say("type the path of a file")
            return
        try:
            path = Path(event.value.strip()).expanduser()
        except RuntimeError:
            self._say("that home folder is unknown")
            return
        problem = problem_with(path)
        if problem:
            self._say(problem)
        else:
            self.dismiss(path)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Label).update(Content(problem))
