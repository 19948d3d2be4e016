"""A list to choose from, under an input that keeps the focus."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choices(OptionList, can_focus=False):
    """Shows the names that contain what is typed. A click posts `OptionSelected`."""

    def __init__(self, names: Sequence[str], labels: Sequence[Content] | None = None) -> None:
        """`labels` are shown instead of the names."""
        self._labels = dict(zip(names, labels or map(Content, names), strict=True))
        super().__init__(*self._matching(""), compact=True)
        self.highlighted = None
        self.display = bool(names)

    @property
    def chosen(self) -> str | None:
        return None if self.highlighted is None else self.get_option_at_index(self.highlighted).id

    def narrow(self, typed: str) -> None:
        """Show the names that contain this, ignoring case; none is highlighted."""
        self.set_options(self._matching(typed))

    def step(self, delta: int) -> None:
        """Highlight another name; from none, the first or the last."""
        if self.option_count:
            here = (-1 if delta > 0 else 0) if self.highlighted is None else self.highlighted
            self.highlighted = (here + delta) % self.option_count

    def _matching(self, typed: str) -> list[Option]:
        wanted = typed.strip().lower()
        return [Option(label, id=name) for name, label in self._labels.items() if wanted in name.lower()]
