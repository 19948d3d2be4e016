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


class Drawer(Vertical):
    """Takes no room while nothing in it is open. Of the panels at most one is."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.changes = ChangesPanel(snapshot)
        self.printed = PrintedPanel()
        self.plot = PlotPanel(snapshot)
        self.search = SearchBar()
        self.lesson = LessonPanel()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.changes
        yield self.printed
        yield self.plot
        yield self.search
        yield self.lesson

    def show(self, snapshot: WorkbenchSnapshot, here: int | None, searched: WindowSnapshot) -> bool:
        """Draw a snapshot, `here` being the consumer of the pane in hand; whether anything changed.

        `searched` is what a search goes through.
        """
        drawn = [part.show(snapshot) for part in (self.changes, self.printed, self.plot)]
        drawn.append(self.search.show(searched))
        if self.changes.display:
            self.lesson.note(Step.CHANGES)
        if self.search.search is not None and not self.search.has_focus_within:
            self.lesson.note(Step.SEARCH)
        return self.lesson.show(snapshot, here) or any(drawn)

    @property
    def open_parts(self) -> Iterator[Widget]:
        """What is open, the first to close first."""
        return (part for part in (self.search, *self._panels, self.lesson) if part.display)

    @property
    def _panels(self) -> tuple[Widget, ...]:
        return self.changes, self.printed, self.plot

    def _close_but(self, panel: Widget) -> None:
        for other in self._panels:
            other.display = other is panel and other.display

    def close_first(self) -> bool:
        """Close one part; whether any was open."""
        part = next(self.open_parts, None)
        if part is None:
            return False
        if part is self.search:
            self.search.close()
        part.display = False
        return True

    def toggle_changes(self, snapshot: WorkbenchSnapshot, here: int | None) -> bool:
        """Open the list of changes and go to it, or close it; whether it is open now.

        It lists those of the consumer `here` where it has any, else the newest there are.
        """
        consumer = None if self.changes.display else whose_changes(snapshot, here)
        self._close_but(self.changes)
        if consumer is None:
            self.changes.display = False
            return False
        self.changes.open(consumer.id, snapshot)
        self.changes.view.focus()
        return True

    def toggle_printed(self, snapshot: WorkbenchSnapshot) -> bool:
        """Open the panel of printed lines and go to it, or close it; whether it is open now."""
        self._close_but(self.printed)
        self.printed.display = not self.printed.display
        self.printed.show(snapshot)
        if self.printed.display:
            self.printed.view.focus()
        return self.printed.display

    def toggle_plot(self, snapshot: WorkbenchSnapshot) -> None:
        """Open the panel of plots, or close it."""
        self._close_but(self.plot)
        self.plot.display = not self.plot.display
        self.plot.show(snapshot)

    def offers(self, snapshot: WorkbenchSnapshot) -> tuple[bool, bool]:
        """Whether there is anything to do with changes, and with printed lines."""
        return (
            self.changes.display or any(map(has_changes, snapshot.consumers)),
            self.printed.display or has_printed(snapshot),
        )


def whose_changes(snapshot: WorkbenchSnapshot, here: int | None) -> ConsumerSnapshot | None:
    """The consumer whose changes a person means: that of the pane with the focus, else the newest."""

    def preference(consumer: ConsumerSnapshot) -> tuple[bool, float]:
        return consumer.id == here, consumer.build.started if consumer.build else 0.0

    return max(filter(has_changes, snapshot.consumers), key=preference, default=None)
