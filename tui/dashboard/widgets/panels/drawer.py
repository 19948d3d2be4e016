"""What opens under the panes and closes again: changes, printed lines, plots, the search, the lesson."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.snapshot import WindowSnapshot
from tui.dashboard.present.lesson import Step
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel, has_changes
from tui.dashboard.widgets.panels.lesson_panel import LessonPanel
from tui.dashboard.widgets.panels.plot_panel import PlotPanel
from tui.dashboard.widgets.panels.printed_panel import PrintedPanel, has_printed
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.panes.record_view import RecordView


class Drawer(Vertical):
    """Takes no room while nothing in it is open. At most one of the panels is."""

    def __init__(self, snapshot: WorkbenchSnapshot, deck: Deck) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._deck = deck
        self.changes = ChangesPanel(snapshot)
        self.printed = PrintedPanel()
        self.plot = PlotPanel(snapshot)
        self.search = SearchBar()
        self.lesson = LessonPanel()
        self._panels = (self.changes, self.printed, self.plot)

    def compose(self) -> ComposeResult:
        yield from (*self._panels, self.search, self.lesson)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; whether anything changed on the screen."""
        self._snapshot = snapshot
        drawn = [panel.show(snapshot) for panel in self._panels]
        drawn.append(self.search.show(self._searched, self._deck.current.view.hits))
        if self.changes.display:
            self.lesson.note(Step.CHANGES)
        if self.search.search is not None and not self.search.has_focus_within:
            self.lesson.note(Step.SEARCH)
        return self.lesson.show(snapshot, self._deck.current.consumer) or any(drawn)

    @property
    def view(self) -> RecordView:
        """The records that keys act on: the list of changes if it has the focus, else the current pane's."""
        return self.changes.view if self.changes.view.has_focus else self._deck.current.view

    @property
    def open_parts(self) -> Iterator[Widget]:
        """What is open, the first to close first."""
        return (part for part in (self.search, *self._panels, self.lesson) if part.display)

    @property
    def offers(self) -> tuple[bool, bool]:
        """Whether there are changes to list, and printed lines."""
        return (
            self.changes.display or any(map(has_changes, self._snapshot.consumers)),
            self.printed.display or has_printed(self._snapshot),
        )

    @property
    def _searched(self) -> WindowSnapshot:
        """The window, or what the current pane shows if some of that is not in the window."""
        view = self._deck.current.view
        elsewhere = view.content.left or view.shown.window.before is not None
        return view.shown.window if elsewhere else self._snapshot.window

    def close_first(self) -> bool:
        part = next(self.open_parts, None)
        if part is None:
            return False
        if part is self.search:
            self.search.close()
        part.display = False
        return True

    # Actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "seek":
            return self.search.search is not None
        changes, printed = self.offers
        return {"changes": changes, "printed": printed}.get(action, True)

    def action_changes(self) -> None:
        here = self._deck.current.consumer
        consumer = None if self.changes.display else whose_changes(self._snapshot, here)
        self._close_but(self.changes)
        if consumer is None:
            self.changes.display = False
            self._deck.current.view.focus()
        else:
            self.changes.open(consumer.id, self._snapshot)
            self.changes.view.focus()

    def action_printed(self) -> None:
        self._toggle(self.printed)
        (self.printed if self.printed.display else self._deck.current).view.focus()

    def action_plot(self) -> None:
        self._toggle(self.plot)
        self._deck.current.view.focus()

    def action_lesson(self) -> None:
        self.lesson.toggle()

    def action_search(self) -> None:
        self.search.open()

    def action_seek(self, step: int) -> None:
        if self.search.is_complete(self._searched):
            self._seek(step)
        else:
            self.run_worker(self._seek_when_searched(step), group="seek", exclusive=True)

    async def _seek_when_searched(self, step: int) -> None:
        await self.search.completed(lambda: self._searched)
        self._seek(step)

    def _seek(self, step: int) -> None:
        search = self.search.search
        if search is not None and not self.view.seek(search, step):
            self.notify("no match in this pane", markup=False)

    def on_search_bar_changed(self) -> None:
        for view in (*self._deck.views, self.changes.view):
            view.mark(self.search.search)

    def on_search_bar_submitted(self) -> None:
        self.view.focus()
        self.action_seek(0)

    def _toggle(self, panel: PrintedPanel | PlotPanel) -> None:
        self._close_but(panel)
        panel.display = not panel.display
        panel.show(self._snapshot)

    def _close_but(self, panel: Widget) -> None:
        for other in self._panels:
            other.display = other is panel and other.display


def whose_changes(snapshot: WorkbenchSnapshot, here: int | None) -> ConsumerSnapshot | None:
    """The consumer `here` if its verdicts changed, else the one that changed last; None without changes."""

    def preference(consumer: ConsumerSnapshot) -> tuple[bool, float]:
        return consumer.id == here, consumer.build.started if consumer.build else 0.0

    return max(filter(has_changes, snapshot.consumers), key=preference, default=None)
