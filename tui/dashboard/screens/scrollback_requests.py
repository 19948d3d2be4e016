"""Tells the engine what paused panes show, and goes to records once they are read back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.live.scrollback.shown_pane import ShownPane
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.widgets.rows.record_view import RecordView

if TYPE_CHECKING:
    from engine.live.window.search import Search
    from engine.live.workbench import Workbench


class ScrollbackRequests:
    """What the panes of one dashboard need of the scrollback."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench
        self._near_top: set[RecordView] = set()
        self._going: RecordView | None = None
        self._target: Mapping[int, int] = {}
        """Where that view goes to, offsets by partition: the first of these records that has a row."""

    def near_top(self, view: RecordView) -> None:
        self._near_top.add(view)

    def go(self, view: RecordView, target: Mapping[int, int]) -> None:
        """Go to the first of these records as soon as it is read, unless the view follows again."""
        view.follow()
        view.pause()
        self._going, self._target = view, target

    def arrive(self, snapshot: WorkbenchSnapshot) -> None:
        """Go where the user wants to go, if that is read; `snapshot` is newer than the last `go`."""
        if self._going is not None and self._arrive(self._going, snapshot):
            self._going = None

    def show(self, snapshot: WorkbenchSnapshot, views: Iterable[RecordView], search: "Search | None") -> None:
        self._near_top = {view for view in self._near_top if _wants_more(view, snapshot)}
        panes = [self._pane(view) for view in views if not view.following]
        self._workbench.show(panes, None if search is None else search.matcher)

    def _pane(self, view: RecordView) -> ShownPane:
        window = view.shown.window
        return ShownPane(
            consumer=view.consumer,
            rows=_rows_to_load(view) if window.before is not None else (),
            first_row=window.first_row,
            start_row=window.start_row,
            unevaluated=view.content.left if view.content.lacks_verdicts else 0,
            scrolled_back=window.before is not None or view is self._going,
            wants_older=view in self._near_top,
        )

    def _arrive(self, view: RecordView, snapshot: WorkbenchSnapshot) -> bool:
        """Go there if possible; whether there is nothing more to wait for."""
        scrollback = snapshot.scrollback
        if view.following:
            return True
        window = view.shown.window
        if scrollback is None or scrollback.reading:
            return False
        if scrollback.end_row < window.start_row and not scrollback.problem:
            return False
        evaluated = None if view.consumer is None else scrollback.evaluated.get(view.consumer)
        if evaluated is not None and not evaluated.done:
            return False
        window = window.reaching_back(scrollback)
        rows = (window.row_of(partition, offset) for partition, offset in self._target.items())
        view.select(next((row for row in rows if row is not None), window.end_row))
        return True


def _wants_more(view: RecordView, snapshot: WorkbenchSnapshot) -> bool:
    enough = view.following or not view.viewport.near_top
    complete = snapshot.scrollback is not None and snapshot.scrollback.complete
    return view.is_attached and not enough and not complete


def _rows_to_load(view: RecordView) -> tuple[int, ...]:
    """The rows in view, under the cursor, then a screen before and after: scrolling shows them at once."""
    top, height, rows = view.viewport.top, view.viewport.height, view.rows
    spans = (
        rows[top : top + height],
        rows[max(top - height, 0) : top],
        rows[top + height : top + 2 * height],
    )
    cursor = () if view.cursor is None else (view.cursor,)
    return (*cursor, *(int(row) for span in spans for row in span))
