"""The line of a dialogue that says what is wrong with what was typed."""

from textual.content import Content
from textual.widgets import Label

from tui import format


class ProblemLine(Label):
    """Empty while nothing is wrong."""

    def __init__(self) -> None:
        super().__init__("", id="problem", markup=False)

    def say(self, problem: str) -> None:
        self.update(Content(format.harmless(problem)))
