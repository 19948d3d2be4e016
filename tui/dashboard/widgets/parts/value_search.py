"""The line in which a search within a value is typed, and the number of the hit."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from engine.live.window.matcher import Matcher, SearchError, TextMatcher
from tui import format
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.widgets.parts.search_line import SearchLine
from tui.dashboard.widgets.parts.value_view import ValueView
from tui.dashboard.widgets.parts.words import quiet

_TYPING = (
    "⏎ to the hits · ^r text or regex · esc ends",
    "⏎ to the hits · ^r text or regex",
    "⏎ to the hits",
    "",
)
_GOING = {"next_match": "next", "previous_match": "previous", "end_search": "ends"}


class ValueSearch(SearchLine):
    """Searches the value that is shown, and each that is shown after it, until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", show=False),
    ]

    def __init__(self, view: Callable[[], ValueView]) -> None:
        """`view` shows the value to search."""
        super().__init__("text to search the value for")
        self._view = view
        self._searched: ValueView | None = None
        """What was told to search."""
        self._matcher: Matcher | None = None
        self._back: Widget | None = None
        """What had the focus."""

    def open(self) -> None:
        self.display = True
        if self.screen.focused is not self._input:
            self._back = self.screen.focused
        self._go_to_input()
        self.say()

    def close(self) -> None:
        self.display = False
        self._input.value = ""
        self._matcher, self._problem = None, ""
        self._search()
        self._leave()

    action_close = close

    def follow(self) -> None:
        """Search the value that is shown now, if another view shows it."""
        if self.display and self._view() is not self._searched:
            self._search()

    def _search(self) -> None:
        view = self._view()
        if self._searched is not None and self._searched is not view:
            self._searched.search(None)
        self._searched = view
        view.search(self._matcher)

    def say(self) -> None:
        """Say which hit it is of how many."""
        if self.display:
            self._status.say(self._words())

    def on_input_submitted(self) -> None:
        if self._matcher is not None:
            self._leave()
            self.say()
        elif not self._problem:
            self.close()

    def _begin(self) -> None:
        self._matcher, self._problem = None, ""
        if self._input.value:
            try:
                self._matcher = TextMatcher(self._input.value, regex=self._regex)
            except SearchError as error:
                self._problem = error.message
        self._search()
        self.say()

    def _leave(self) -> None:
        if self.screen.focused is self._input:
            self.screen.set_focus(self._back)

    def _words(self) -> Content:
        if self._problem:
            return Content.styled(format.harmless(self._problem), "$text-error")
        group = "value" if isinstance(self._back, ValueView) else "inspector"
        hits = self._view().hits
        said = "" if hits is None else f"{hits.words}  "
        if self.screen.focused is self._input:
            keys = format.first_fitting(_TYPING, self._room - cell_len(said))
        else:
            keys = hint_line(self, group, _GOING)
        return Content.styled(said, "bold") + quiet(keys)


class SearchesValue:
    """A widget around values and the line that searches them: it answers what the values post."""

    value_search: ValueSearch

    def on_value_view_search_wanted(self) -> None:
        self.value_search.open()

    def on_value_view_search_ended(self) -> None:
        self.value_search.close()

    def on_value_view_searched(self) -> None:
        self.value_search.say()
