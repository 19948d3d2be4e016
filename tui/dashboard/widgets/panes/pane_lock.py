"""Panes that go together: what one of them shows, all show."""

from collections.abc import Callable, Iterator, Sequence

from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.rows.record_view import RecordView
from tui.dashboard.widgets.rows.viewport import Viewport


class PaneLock:
    """Whether panes are locked together, and what that means as one of them moves."""

    def __init__(self, panes: Sequence[Pane], topic: Callable[[], OpenTopic]) -> None:
        """`panes` are those at any time, `topic` that of the current one. Offsets mean nothing to others."""
        self.locked = False
        """Whether a record that is selected in one pane is shown in all."""
        self.aligned = False
        """Whether a record stands at the same line in all panes, with gaps in those that do not show it."""
        self._panes = panes
        self._topic = topic

    @property
    def words(self) -> str:
        """How panes are tied together; empty while they are free."""
        return "aligned by offset" if self.aligned else "locked by offset" if self.locked else ""

    def turn(self, view: RecordView) -> None:
        """Lock the panes together, where this view is, then align their rows, then free them."""
        self.locked, self.aligned = not self.aligned, self.locked and not self.aligned
        for pane in self._panes:
            pane.view.align(aligned=self.aligned)
        if self.locked:
            self.go_along(view)

    def go_along(self, view: RecordView) -> None:
        """Show the record selected in a view in every pane; locked panes also follow with it."""
        if view.cursor is not None:
            for other in self._others(view):
                other.mirror(view.cursor)
        elif self.locked and view.following:
            for pane in self._same_topic(view):
                pane.view.follow()

    def scroll_along(self, view: RecordView) -> None:
        """Keep the same record, or the next one shown, at the top of locked panes."""
        row = view.viewport.topmost
        if self.locked and row is not None:
            for other in self._others(view):
                other.mirror(row, Viewport.align)

    def _others(self, view: RecordView) -> Iterator[RecordView]:
        """The views of the topic's other panes, with the newest records also if they are hidden."""
        for pane in self._same_topic(view):
            if pane.view is not view:
                if not pane.display:
                    pane.show()
                yield pane.view

    def _same_topic(self, view: RecordView) -> list[Pane]:
        """The panes of a view's topic; of the current one for a list beside the panes."""
        topic = next((pane.topic for pane in self._panes if pane.view is view), self._topic())
        return [pane for pane in self._panes if pane.topic is topic]
