"""Asks for a filter to add: a file, a stored SmartStream, or a file that is yet to be written."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label, OptionList

from engine.builds.template import write_template
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present import format
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


_NEW = "there is no such file: ⏎ again writes one to begin with"


def problem_with(path: Path) -> str:
    """Why a file cannot be a filter, in one line; empty where it can, `_NEW` where it might be written."""
    try:
        if path.is_dir():
            return "that is a folder: name a file in it"
        if not path.exists():
            return _problem_with_new(path)
        if not path.is_file():
            return "that is no regular file, but a pipe or a device"
        if path.suffix != ".rs":
            return "a filter is written in Rust: its name ends in .rs"
        if not os.access(path, os.R_OK):
            return "that file cannot be read: permission denied"
    except (OSError, ValueError) as error:
        return format.harmless(f"that is no path: {error}")
    return ""


def _problem_with_new(path: Path) -> str:
    if not path.parent.is_dir():
        return "there is no such folder"
    return _NEW if path.suffix == ".rs" else "there is no such file; the name of a new one has to end in .rs"


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


class AddFilter(ModalScreen[Path | str]):
    """Returns the path of a Rust file, which may not be there yet, or the name of a stored SmartStream."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, stored: Sequence[str]) -> None:
        super().__init__()
        self._stored = stored
        self._choices = Choices(stored)
        self._new: Path | None = None
        """The file that is not there, where that has been said."""

    def compose(self) -> ComposeResult:
        """One line to type in, one for what is wrong with it, and what is stored."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content("add a filter")
            choose = " · ↓ chooses" if self._stored else ""
            box.border_subtitle = Content(f"⏎ adds · → completes{choose} · esc cancels")
            yield Input(
                placeholder="path of a Rust file, there already or new",
                suggester=PathSuggester(),
            )
            yield Label("", id="problem", markup=False)
            if self._stored:
                yield Label("or a stored SmartStream", classes="hint")
                yield self._choices

    def action_step(self, delta: int) -> None:
        """Highlight another of those stored."""
        self._choices.step(delta)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A corrected path is not wrong any more."""
        self._new = None
        self._say("")
        self._choices.narrow(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a stored one."""
        self.dismiss(event.option_id)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what is highlighted or typed, or say why not."""
        typed = event.value.strip()
        name = self._choices.chosen or (typed if typed in self._stored else None)
        if name is not None:
            self.dismiss(name)
        elif not typed:
            self._say("type the path of a file")
        else:
            self._take(typed)

    def _take(self, typed: str) -> None:
        try:
            path = Path(typed).expanduser()
        except RuntimeError:
            self._say("that home folder is unknown")
            return
        problem = problem_with(path)
        if not problem or (problem == _NEW and path == self._new):
            self.dismiss(path)
            return
        self._new = path if problem == _NEW else None
        self._say(problem)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Label).update(Content(problem))


def add_filter(asking: Asking, workbench: "Workbench") -> None:
    """Ask for a filter, and give it a pane; `EngineError` where it is not known what there is."""

    async def add(chosen: Path | str) -> None:
        if isinstance(chosen, str):
            workbench.add_stored(chosen)
            return
        if not chosen.exists():
            write_template(chosen)
            asking.tell(f"{chosen} written: e edits it")
        workbench.add_inline(chosen)

    asking.ask(AddFilter(workbench.stored()), add)
