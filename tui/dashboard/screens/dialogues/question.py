"""A question with a few answers to choose from."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label
from textual.widgets.option_list import Option

from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.menu import Menu


class Question(Dialogue[str]):
    """Returns the id of the answer, or None if it was cancelled."""

    BINDINGS = bindings("question")

    def __init__(self, title: str, words: str, answers: Mapping[str, str]) -> None:
        """`answers` are shown, by their ids."""
        super().__init__()
        self._title, self._words, self._answers = title, words, answers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(
                hint_line(self, "question", {"list.choose": "chooses", "cancel": "cancels"})
            )
            yield Label(format.harmless_lines(self._words), markup=False)
            yield Menu(*(Option(Content(words), id=answer) for answer, words in self._answers.items()))

    def on_option_list_option_selected(self, event: Menu.OptionSelected) -> None:
        self.dismiss(event.option_id)
