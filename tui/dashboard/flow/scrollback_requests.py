"""Has the engine read on before the window: as far as people scroll back, or to where they want to go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.broker.log import READ_RECORDS
from engine.live.scrollback.reader import ScrollbackSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.widgets.panes.record_view import RecordView

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Going:
    """Where somebody wants to go."""

    view: RecordView
    target: Mapping[int, int]
    """Offsets by partition: the first of these records."""


class ReadingBack:
    """Asks for more whenever what was asked for is there and does not suffice."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench
        self._near_top: set[RecordView] = set()
        self._going: Going | None = None
        self._asked = False

    def near_top(self, view: RecordView) -> None:
        """A person scrolls back in a view, and is near its first row."""
        self._near_top.add(view)

    def go(self, view: RecordView, target: Mapping[int, int]) -> None:
        """Go to the first of these records, in place of wherever else, as soon as it is there.

        Following again gives that up.
        """
        # What has left the window by now is read as well, up to what the view holds.
        view.follow()
        view.pause()
        start = view.shown.window.start_row
        self._workbench.look_back(start, start)
        self._going = Going(view, target)
        self._asked = True

    def show(self, snapshot: WorkbenchSnapshot, views: Iterable[RecordView]) -> None:
        """Look whether what was asked for is there, and whether the views need more."""
        for view in views:
            if view.content.lacks_verdicts:
                window = view.shown.window
                self._workbench.look_back(window.start_row, window.start_row + view.content.left)
                self._asked = True
        for view in tuple(self._near_top):
            if not view.is_attached or not self._wants_more(view, snapshot.scrollback):
                self._near_top.discard(view)
            elif snapshot.scrollback is None or _is_read(snapshot.scrollback, view):
                self._read_more(view)
        if self._going is not None and self._arrive(self._going, snapshot):
            self._going = None

    def forget(self, views: Iterable[RecordView]) -> None:
        """Let go of what came before the window, where no view needs it."""
        if self._asked and all(view.following for view in views):
            self._near_top.clear()
            self._going = None
            self._asked = False
            self._workbench.forget_scrollback()

    def _wants_more(self, view: RecordView, scrollback: ScrollbackSnapshot | None) -> bool:
        enough = view.following or not view.viewport.near_top
        return not enough and (scrollback is None or not scrollback.complete)

    def _read_more(self, view: RecordView) -> None:
        """Twice as much as there is, since a filter may pass very little of it."""
        window = view.shown.window
        rows = max(READ_RECORDS, window.start_row - window.first_row)
        self._workbench.look_back(window.first_row - rows, window.start_row)
        self._asked = True

    def _arrive(self, going: Going, snapshot: WorkbenchSnapshot) -> bool:
        """Go there, where that can be done; whether there is nothing more to wait for."""
        if going.view.following:
            return True
        if snapshot.scrollback is None or not _is_read(snapshot.scrollback, going.view):
            return False
        window = going.view.shown.window.reaching_back(snapshot.scrollback)
        rows = [window.row_of(partition, offset) for partition, offset in going.target.items()]
        going.view.select(min((row for row in rows if row is not None), default=window.end_row))
        return True


def _is_read(scrollback: ScrollbackSnapshot, view: RecordView) -> bool:
    """Whether all that was asked for has been read, and evaluated where a view shows what a filter passes."""
    if scrollback.reading:
        return False
    evaluated = scrollback.evaluated.get(view.consumer) if view.consumer is not None else None
    return evaluated is None or evaluated.done
