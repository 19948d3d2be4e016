"""What most dialogues are: a line to type in, what is wrong with it, and perhaps a list to choose from."""

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from engine.units import InvalidValueError
from tui import format
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.choices import Choices

Answer = TypeVar("Answer")


class InputDialogue(Dialogue[Answer], Generic[Answer]):
    """Returns an answer, or None if it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(
        self,
        *,
        title: str,
        keys: str,
        entry: Input,
        answer: Callable[[str, str | None], Answer | None],
        choices: Choices | None = None,
        hint: str = "",
    ) -> None:
        """`keys` explains the keys; `hint` stands above the choices.

        `answer` gets what is typed and what is chosen; with None, or an `InvalidValueError`, which is shown,
        the dialogue stays open.
        """
        super().__init__()
        self._title = title
        self._keys = keys
        self._hint = hint
        self._entry = entry
        self._answer = answer
        self._problem = Label("", id="problem", markup=False)
        self._choices = Choices([]) if choices is None else choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(self._keys)
            yield self._entry
            yield self._problem
            if self._hint:
                yield Label(self._hint, classes="hint")
            yield self._choices

    def tell(self, problem: str) -> None:
        """Show what is wrong, until something else is typed."""
        self._problem.update(Content(format.harmless(problem)))

    def action_step(self, delta: int) -> None:
        self._choices.step(delta)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._problem.update("")
        self._choices.typed(event.value)

    def on_input_submitted(self) -> None:
        self._take(self._choices.chosen)

    def on_option_list_option_selected(self, event: Choices.OptionSelected) -> None:
        self._take(event.option_id)

    def _take(self, chosen: str | None) -> None:
        try:
            answer = self._answer(self._entry.value, chosen)
        except InvalidValueError as error:
            self.tell(error.message)
        else:
            if answer is not None:
                self.dismiss(answer)
