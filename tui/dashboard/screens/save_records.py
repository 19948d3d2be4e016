"""Asks for a file, and writes the records of a pane to it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from engine import units
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present import format
from tui.dashboard.widgets.panes.record_view import RecordView

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_THERE = "that file is there already: ⏎ again replaces it"


def problem_with(path: Path) -> str:
    """Why records cannot be written there, in one line; empty where they can, `_THERE` where a file is."""
    try:
        if path.is_dir():
            return "that is a folder: name a file in it"
        if not path.parent.is_dir():
            return "there is no such folder"
        if path.exists():
            return _THERE if path.is_file() else "that is no regular file, but a pipe or a device"
    except (OSError, ValueError) as error:
        return format.harmless(f"that is no path: {error}")
    return ""


class SaveRecords(ModalScreen[Path]):
    """Returns the path of a file that may be written, or replaced."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, what: str, name: str) -> None:
        """`what` is to be saved, and `name` how the file may be called."""
        super().__init__()
        self._what = what
        self._name = name
        self._replaced: Path | None = None
        """The file that is there, where that has been said."""

    def compose(self) -> ComposeResult:
        """One line to type in, one for what is wrong with it."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(f"save {self._what}")
            box.border_subtitle = Content("⏎ saves as JSON lines · esc cancels")
            yield Input(self._name, compact=True, select_on_focus=False)
            yield Label("", id="problem", markup=False)

    def on_input_changed(self) -> None:
        """Another name is not wrong yet."""
        self._replaced = None
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
        if not problem or (problem == _THERE and path == self._replaced):
            self.dismiss(path)
            return
        self._replaced = path if problem == _THERE else None
        self._say(problem)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Label).update(Content(problem))


def save(asking: Asking, workbench: "Workbench", view: RecordView, name: str) -> None:
    """Ask for a file, which may be called `name`, and write the records there that a view shows now."""
    window, rows = view.shown.window, view.rows
    records = units.plural(len(rows), "record")

    async def write(path: Path) -> None:
        await asyncio.to_thread(workbench.save, path, window, rows)
        asking.tell(f"{records} written to {path}")

    asking.ask(SaveRecords(records, f"{name}.jsonl"), write)
