"""A line in which a text or a regular expression is typed, followed by the result."""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tui.dashboard.widgets.parts.words import Words

_LEAST_TYPED = 12
"""Cells of the input, as in its style."""
_PADDING = 2
"""Cells around the words."""


class SearchLine(Horizontal):
    """Begins another search at each change of what is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "toggle_regex", "Regular expression", show=False)
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._regex = False
        self._problem = ""
        """What is wrong with what is typed, or empty."""
        self._kind = Static(markup=False, classes="kind")
        # Selecting on focus happens a moment later: what was typed meanwhile would be replaced.
        self._input = Input(compact=True, placeholder=placeholder, select_on_focus=False)
        self._status = Words(classes="status")

    def compose(self) -> ComposeResult:
        yield from (self._kind, self._input, self._status)

    @property
    def _room(self) -> int:
        """Cells for words beside what is typed, which takes a third at most."""
        typed = min(max(cell_len(self._input.value) + 1, _LEAST_TYPED), self.size.width // 3)
        return self.size.width - self._kind.size.width - typed * self._input.display - _PADDING

    def _begin(self) -> None:
        """Search for what is typed now."""
        raise NotImplementedError

    def _go_to_input(self) -> None:
        self._label()
        # At once, and not a moment later as `focus` does it: more keys may be on their way.
        self.screen.set_focus(self._input)
        self._input.select_all()

    def on_input_changed(self) -> None:
        self._begin()

    def action_toggle_regex(self) -> None:
        self._regex = not self._regex
        self._label()
        self._begin()

    def _label(self) -> None:
        self._kind.update(Content.styled(" regex / " if self._regex else " text / ", "bold $primary"))
