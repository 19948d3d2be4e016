"""Words that screens and panels draw alike."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.present.filter_colours import filter_colour, filter_title

QUIET = "$foreground 60%"
_LABEL = 11


def quiet(text: str) -> Content:
    """Of less importance than what is around it."""
    return Content.styled(text, QUIET)


def filter_name(consumer: ConsumerSnapshot, width: int = 0) -> Content:
    """The id and the name in the filter's colour, in at least `width` cells."""
    name = filter_title(consumer)
    padded = name + " " * (width - cell_len(name))
    return Content.styled(padded, f"bold $filter-{filter_colour(consumer.id)}")


def facts(rows: Iterable[tuple[str, str]]) -> Content:
    """A line for each label and its words."""
    return Content("\n").join(quiet(f"{label:<{_LABEL}}") + words for label, words in rows)


class Words(Static):
    """Is drawn again only if its words differ: that takes a layout."""

    def __init__(self, classes: str = "") -> None:
        super().__init__(markup=False, classes=classes)
        self._said: Content | None = None

    def say(self, words: Content) -> bool:
        """Show these; whether anything changed."""
        changed = words != self._said
        if changed:
            self._said = words
            self.update(words)
        return changed
