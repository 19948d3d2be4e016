"""A list to choose from, under an input that keeps the focus."""

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choices(OptionList, can_focus=False):
    """What is highlighted is chosen. A click posts `OptionSelected`."""

    def __init__(
        self, names: Sequence[str], labels: Sequence[Content] | None = None, *, first: bool = True
    ) -> None:
        """`labels` are shown instead of the names; `first` highlights the first one."""
        self._labels = dict(zip(names, labels or map(Content, names), strict=True))
        self._first = first
        super().__init__(*self._matching(""), compact=True)
        self.highlighted = None
        self.display = bool(names)

    def on_mount(self) -> None:
        if self._first:
            self.step(1)

    def offer(self, labels: Mapping[str, Content], typed: str) -> None:
        """Add names that are known only now; what is chosen stays chosen. `typed` is what the user typed."""
        chosen = self.chosen
        self._labels.update(labels)
        self.display = bool(self._labels)
        self.set_options(self._matching(""))
        self.typed(typed)
        if chosen is not None:
            self.highlighted = self.get_option_index(chosen)

    @property
    def chosen(self) -> str | None:
        return None if self.highlighted is None else self.get_option_at_index(self.highlighted).id

    @property
    def only(self) -> str | None:
        """The only one that is left, if there is only one."""
        return self.get_option_at_index(0).id if self.option_count == 1 else None

    def step(self, delta: int) -> None:
        """Highlight another one; from none, the first or the last."""
        if self.option_count:
            here = (-1 if delta > 0 else 0) if self.highlighted is None else self.highlighted
            self.highlighted = (here + delta) % self.option_count

    def typed(self, text: str) -> None:
        """Follow what the user types; here, not at all."""

    def _matching(self, wanted: str) -> list[Option]:
        return [Option(label, id=name) for name, label in self._labels.items() if wanted in name.lower()]


class MatchingChoices(Choices):
    """Shows the names that contain what is typed, ignoring case."""

    def typed(self, text: str) -> None:
        self.set_options(self._matching(text.strip().lower()))
        if self._first:
            self.step(1)


class OtherwiseTyped(Choices):
    """What is typed counts instead of a choice."""

    def typed(self, text: str) -> None:
        self.highlighted = None if text.strip() else 0
