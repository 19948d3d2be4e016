"""Panes that go together: what one of them shows, all show."""

from collections.abc import Callable, Iterator, Sequence

from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.panes.viewport import Viewport


class PaneLock:
    """Whether panes are locked together, and what that means as one of them moves."""

    def __init__(self, panes: Sequence[Pane], update: Callable[[Pane], object]) -> None:
        """`panes` are those at any time; `update` shows the newest records in one that is hidden."""
        self.locked = False
        """Whether a record that is selected in one pane is shown in all."""
        self.aligned = False
        """Whether a record stands at the same line in all panes, with gaps in those that do not show it."""
        self._panes = panes
        self._update = update

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
            for pane in self._panes:
                pane.view.follow()

    def scroll_along(self, view: RecordView) -> None:
        """Keep the same record, or the next one shown, at the top of locked panes."""
        row = view.viewport.topmost
        if self.locked and row is not None:
            for other in self._others(view):
                other.mirror(row, Viewport.align)

    def _others(self, view: RecordView) -> Iterator[RecordView]:
        """The views of the other panes, with the newest records also if they are hidden."""
        for pane in self._panes:
            if pane.view is not view:
                if not pane.display:
                    self._update(pane)
                yield pane.view
