"""A pane: a head over rows of records."""

from textual.app import ComposeResult
from textual.containers import Vertical

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.backlog import Backlog
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.pane_header import HeadState, Hold, filter_head, raw_head
from tui.dashboard.widgets.panes.filter_view import FilterView
from tui.dashboard.widgets.panes.pane_head import PaneHead
from tui.dashboard.widgets.panes.raw_view import RawView
from tui.dashboard.widgets.panes.record_view import RecordView


class Pane(Vertical):
    """Shows what a consumer passes, or the raw stream if `consumer` is None."""

    MIN_WIDTH = 36
    """Cells; a narrower head has no room for what matters."""

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int | None) -> None:
        super().__init__(classes="-raw" if consumer is None else f"-filter-{filter_colour(consumer)}")
        self.consumer = consumer
        self.head = PaneHead()
        self.view: RecordView = RawView(snapshot) if consumer is None else FilterView(snapshot, consumer)
        self._lag = Backlog()

    def compose(self) -> ComposeResult:
        """The head over the rows."""
        yield self.head
        yield self.view

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; return whether anything changed on the screen."""
        changed = self.view.show(snapshot)
        return self.show_head(snapshot) or changed

    def show_head(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw the head alone; return whether it changed."""
        state = self._head_state(snapshot)
        return state is not None and self.head.show(state)

    def _head_state(self, snapshot: WorkbenchSnapshot) -> HeadState | None:
        new, more = (0, False) if self.view.following else self.view.content.new
        shown = self.view.shown.window
        records = len(snapshot.window if shown.before is None else shown)
        hold = Hold(not self.view.following, new, more, records)
        if self.consumer is None:
            return raw_head(snapshot, hold)
        consumer = snapshot.consumer(self.consumer)
        if consumer is None:
            return None
        behind = self._lag.observe(consumer, snapshot.window)
        if isinstance(self.view, FilterView):
            self.view.show_behind(behind=behind > 0)
        return filter_head(consumer, hold, behind)
