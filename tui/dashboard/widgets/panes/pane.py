"""A pane: a head over rows of records."""

from textual.containers import Vertical

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.backlog import Backlog
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.pane_header import Hold, Shown, filter_head, raw_head
from tui.dashboard.widgets.panes.filter_view import FilterView
from tui.dashboard.widgets.panes.pane_head import PaneHead
from tui.dashboard.widgets.panes.raw_view import RawView
from tui.dashboard.widgets.panes.record_view import RecordView


class Pane(Vertical):
    """Shows what a consumer passes, or the raw stream if `consumer` is None."""

    MIN_WIDTH = 36
    """Cells; a narrower head has no room for what matters."""

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int | None) -> None:
        self.consumer = consumer
        self.head = PaneHead()
        self.view: RecordView = RawView(snapshot) if consumer is None else FilterView(snapshot, consumer)
        self._backlog = Backlog()
        colour = "-raw" if consumer is None else f"-filter-{filter_colour(consumer)}"
        super().__init__(self.head, self.view, classes=colour)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; return whether anything changed on the screen."""
        changed = self.view.show(snapshot)
        return self.show_head(snapshot) or changed

    def show_head(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw the head alone; return whether it changed."""
        new, more = (0, False) if self.view.following else self.view.content.new
        shown = self.view.shown.window
        records = len(snapshot.window if shown.before is None else shown)
        hold = Hold(not self.view.following, new, more, records)
        if not isinstance(self.view, FilterView):
            return self.head.show(raw_head(snapshot, hold))
        consumer = snapshot.consumer(self.consumer)
        if consumer is None:
            return False
        behind = self._backlog.observe(consumer, snapshot.window)
        self.view.behind = behind > 0
        return self.head.show(filter_head(consumer, hold, behind, Shown(self.view.view, len(self.view.rows))))
