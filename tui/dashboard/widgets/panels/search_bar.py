"""The line in which a search is typed, and its result."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

import numpy as np
from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from engine.live.scrollback.log_search import Hit
from engine.live.stoppable import Stoppables
from engine.live.window.matcher import Matcher, Rows, SearchError, TextMatcher
from engine.live.window.search import Search
from engine.live.window.snapshot import WindowSnapshot
from tui import format
from tui.dashboard.flow.frame_rate import Waker
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.flow.whole_log import WholeLog
from tui.dashboard.keys.key_names import Hints, fitting_hints, hint_line
from tui.dashboard.present.search_words import found_words, log_words, wrapped_words
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.search_line import SearchLine
from tui.dashboard.widgets.parts.words import quiet
from tui.dashboard.widgets.rows.record_view import RecordView

WHOLE_SEARCH = 1.0
"""Seconds that going to a match waits before it uses what is found."""
_KEY_SECONDS = 0.01
"""How long a key waits for the search: a small window is searched by then."""
_LOOK_SECONDS = 0.02
_NO_ROWS: Rows = np.empty(0, np.intp)
_TYPING = (
    "⏎ searches · ^r text or regex · esc closes",
    "⏎ searches · ^r text or regex",
    "⏎ searches · esc closes",
    "⏎ searches",
    "",
)
_BOTH = "next_match previous_match"
_SEARCHING: tuple[Hints, ...] = (
    {"next_match": "next", "previous_match": "previous", "hits": "only hits", "close_panel": "closes"},
    {_BOTH: "others", "hits": "only hits", "close_panel": "closes"},
    {_BOTH: "others", "hits": "only"},
    {_BOTH: ""},
)
"""The hints about keys, in ever shorter forms."""
_BEFORE_THE_LOG: tuple[Hints, ...] = (
    {**_SEARCHING[0], "previous_match": "searches the log"},
    {"previous_match": "searches the log", "next_match": "next", "close_panel": "closes"},
    {"previous_match": "searches the log"},
    {"previous_match": "the log"},
)
"""The same at the oldest hit that is loaded."""


class SearchBar(SearchLine):
    """Holds the search, if any, and continues it as records arrive."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
    ]

    class Changed(Message):
        """Another search, or none."""

    class Searching(Message):
        """The search got on."""

    class FoundInLog(Message):
        """A hit that is not loaded, to go to."""

        def __init__(self, topic: OpenTopic, hit: Hit) -> None:
            super().__init__()
            self.topic = topic
            self.hit = hit

    class Submitted(Message):
        """The search was submitted: go to a match."""

    class Cancelled(Message):
        """The search was cancelled."""

    def __init__(self, deck: Deck, dock: Dock) -> None:
        super().__init__("text to search for")
        self._deck = deck
        self._dock = dock
        self._searches: dict[OpenTopic, Search] = {}
        """One for each topic while there is something to search for."""
        self._matcher_of: Callable[[OpenTopic], Matcher] | None = None
        self._log = WholeLog()
        self._stopped = Stoppables[Search]()
        """They end within a slice."""
        self._wrapped: tuple[RecordView, int | None, str] | None = None
        """The view that wrapped around, its cursor then, and what to say while it is there."""
        self._wake: Callable[[], None] = lambda: None

    @property
    def search(self) -> Search | None:
        """That of the current pane's topic; None if nothing is searched for."""
        return self.search_in(self._deck.topic)

    def search_in(self, topic: OpenTopic) -> Search | None:
        """That of a topic; None if nothing is searched for."""
        if self._matcher_of is None:
            return None
        if topic not in self._searches:
            self._searches[topic] = Search(self._matcher_of(topic), self._wake)
        return self._searches[topic]

    def on_mount(self) -> None:
        self._wake = Waker(asyncio.get_running_loop(), lambda: self.post_message(self.Searching()))

    def on_unmount(self) -> None:
        self._stop(self._searches)
        self._stopped.close()
        self._log.close()

    def open(self) -> None:
        self._turn(shown=True)
        if not self._input.display:
            self._input.display = True
            self._begin()
        self._go_to_input()

    def find(self, matcher: Matcher, words: str) -> None:
        """Search for what is not typed here, but described by `words`."""
        self._stop_all()
        self._problem = ""
        self._turn(shown=True)
        self._input.display = False
        self._kind.update(Content.styled(f" {words} ", "bold $primary"))
        self._matcher_of = lambda _: matcher
        self.post_message(self.Changed())

    def leave(self) -> None:
        """Stop searching the log, or else close."""
        if not self._log.rest():
            self.close()

    def close(self) -> None:
        self._turn(shown=False)
        self._stop_all()
        self._matcher_of = None
        self._input.value = ""
        self.post_message(self.Changed())

    def _turn(self, *, shown: bool) -> None:
        self.display = shown
        # Notices go elsewhere meanwhile.
        self.screen.set_class(shown, "-searching")

    def show(self) -> bool:
        """Search what panes show, and count the matches in the current one."""
        if not self.display:
            return False
        self._stop([topic for topic in self._searches if topic not in self._deck.topics])
        if self._log.topic not in (None, *self._deck.topics):
            self._log.stop()
        for topic in self._deck.topics:
            if (search := self.search_in(topic)) is not None and topic is not self._deck.topic:
                search.show(topic.snapshot.window)
        window = self._searched
        if self.search is not None:
            self.search.show(window)
        self._take_from_log()
        return self._status.say(self._words(window, self._deck.current.view))

    @property
    def _searched(self) -> WindowSnapshot:
        """The window, or what the current pane shows if some of that is not in the window."""
        view = self._deck.current.view
        elsewhere = view.content.left or view.shown.window.before is not None
        return view.shown.window if elsewhere else self._deck.snapshot.window

    def is_complete(self, window: WindowSnapshot) -> bool:
        """Whether a window is searched to its end, after a moment for that."""
        if self.search is None:
            return True
        self.search.show(window)
        return self.search.wait(window, _KEY_SECONDS)

    async def _completed(self) -> None:
        """Wait until the window is searched to its end, but no longer than `WHOLE_SEARCH` seconds."""
        deadline = time.monotonic() + WHOLE_SEARCH
        while not self.is_complete(self._searched) and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)

    # What is not loaded.

    @property
    def _loaded(self) -> WindowSnapshot:
        """What the current pane has loaded."""
        return self._deck.current.view.shown.window

    def _goes_on(self, step: int) -> bool:
        """Whether what is loaded has no hit in that direction, and the log may have one."""
        view = self._deck.current.view
        return self.search is not None and self._lacks(view.hits(self.search), step)

    def _lacks(self, hits: Rows, step: int) -> bool:
        view = self._deck.current.view
        if step > 0 or self._dock.view is not view:
            return False
        return view.exhausts(hits, step) and self._log.offers(self._deck.topic, self._loaded)

    def _search_log(self, search: Search) -> None:
        self._log.go_on(self._deck.topic, search.matcher, self._loaded, self._wake)

    def _take_from_log(self) -> None:
        """Have what the log was searched for shown, once it is found."""
        found = self._log.take(self._deck.topic)
        if isinstance(found, Hit):
            self.post_message(self.FoundInLog(self._deck.topic, found))
        elif found is not None and found.complete:
            self.notify("no older match in the log", markup=False)

    # Actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action != "seek" or self.search is not None

    action_open = open

    def action_seek(self, step: int) -> None:
        """Go to another match, once the window is searched."""
        if self.is_complete(self._searched):
            self._seek(step)
        else:
            self.run_worker(self._seek_when_searched(step), group="seek", exclusive=True)

    async def _seek_when_searched(self, step: int) -> None:
        await self._completed()
        # What is loaded comes before the log, however long searching it takes.
        while self._goes_on(step) and not self.is_complete(self._searched):
            await asyncio.sleep(_LOOK_SECONDS)
        self._seek(step)

    def _seek(self, step: int) -> None:
        if self.search is None:
            return
        if self._goes_on(step):
            self._search_log(self.search)
            return
        self._wrapped = None
        view = self._dock.view
        wraps = view.exhausts(view.hits(self.search), step)
        if not view.seek(self.search, step):
            self.notify("no match in this pane", markup=False)
        elif wraps:
            older = self._log.offers(self._deck.topic, self._loaded)
            self._wrapped = view, view.cursor, wrapped_words(step, self._number(view)[1], older=older)

    def go_to_match(self) -> None:
        """Leave the input for a match in the pane."""
        # At once: `focus` would take it back from the pane of a hit that is found soon.
        self.screen.set_focus(self._dock.view)
        self.action_seek(0)

    def on_input_submitted(self) -> None:
        if not self._problem:
            self.post_message(self.Submitted() if self.search is not None else self.Cancelled())

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())

    def _stop(self, topics: Iterable[OpenTopic]) -> None:
        """Stop searching topics."""
        for topic in [*topics]:
            search = self._searches.pop(topic)
            search.stop()
            self._stopped.add(search)

    def _stop_all(self) -> None:
        self._stop(self._searches)
        self._log.stop()

    def _begin(self) -> None:
        self._stop_all()
        self._matcher_of, self._problem = None, ""
        if self._input.value:
            matcher_of = self._typed(self._input.value)
            try:
                matcher_of(self._deck.topic)
            except SearchError as error:
                self._problem = error.message
            else:
                self._matcher_of = matcher_of
        self.post_message(self.Changed())

    def _typed(self, text: str) -> Callable[[OpenTopic], Matcher]:
        """What finds a text in the values of a topic; some formats are decoded for that."""
        regex = self._regex

        def matcher(topic: OpenTopic) -> Matcher:
            values = topic.snapshot.format
            return TextMatcher(text, regex=regex, shown=values.shown_array if values.decodes else None)

        return matcher

    def _keys(self, hits: Rows, cells: int) -> str:
        """What keys do now, in no more than `cells` if possible."""
        if self.screen.focused is self._input:
            return format.first_fitting(_TYPING, cells)
        if self._log.running:
            return hint_line(self, "dashboard", {"close_panel": "stops"})
        lacks = self.search is not None and self._lacks(hits, -1)
        return fitting_hints(self, "dashboard", _BEFORE_THE_LOG if lacks else _SEARCHING, cells)

    def _number(self, view: RecordView) -> tuple[int, int]:
        """Which hit is under the cursor of a view, 0 for none, and how many it shows."""
        return view.found.number(view.content.source, view.cursor)

    def _words(self, window: WindowSnapshot, view: RecordView) -> Content:
        if self._problem:
            return Content.styled(format.harmless(self._problem), "$text-error")
        hits = _NO_ROWS if self.search is None else view.hits(self.search)
        if self.search is None:
            return quiet(self._keys(hits, self._room))
        left = self.search.left(window)
        done = 1 - left / max(len(window), 1)
        searching = f" · searched {done:.0%}" if left else ""
        number, shown = self._number(view)
        wrapped = self._wrapped
        back = wrapped[2] if wrapped is not None and wrapped[:2] == (view, view.cursor) else ""
        words = found_words(len(hits), len(window), hit=number, shown=shown, wrapped=back)
        alone = " · only hits" if view.found.alone else ""
        log = self._log.progress(self._deck.topic)
        in_log = "" if log is None else f" · {log_words(log, raw=self._deck.current.consumer is None)}"
        said = f"{words}{searching}{in_log}{alone}  "
        return Content.styled(said, "bold") + quiet(self._keys(hits, self._room - cell_len(said)))
