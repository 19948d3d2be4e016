"""What most dialogues are: a line to type in, what is wrong with it, and perhaps a list to choose from."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.dashboard.widgets.parts.choices import Choices
from tui.dashboard.widgets.parts.problem_line import ProblemLine

Answer = TypeVar("Answer")


class InputDialogue(ModalScreen[Answer]):
    """Returns an answer, or None if it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(
        self, *, title: str, keys: str, entry: Input, choices: Choices | None = None, hint: str = ""
    ) -> None:
        """`keys` explains the keys; `hint` stands above the choices."""
        super().__init__()
        self._title = title
        self._keys = keys
        self._hint = hint
        self.entry = entry
        self.problem = ProblemLine()
        self.choices = Choices([]) if choices is None else choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(self._keys)
            yield self.entry
            yield self.problem
            if self._hint:
                yield Label(self._hint, classes="hint")
            yield self.choices

    def action_step(self, delta: int) -> None:
        self.choices.step(delta)

    def on_input_changed(self, event: Input.Changed) -> None:  # noqa: ARG002
        self.problem.say("")
