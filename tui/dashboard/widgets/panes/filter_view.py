"""The records that one filter passes."""

from collections.abc import Sequence

import numpy as np
from rich.segment import Segment

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdicts import Verdict, VerdictArray
from tui.dashboard.app.theme import filter_colour
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.backlog import to_evaluate
from tui.dashboard.widgets.panes.record_view import RecordView


class FilterView(RecordView):
    """What a consumer sees of the window; records that passed only since the last reload have a `+`."""

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int) -> None:
        self.consumer = consumer
        self._behind = False
        super().__init__(snapshot)

    def index(self, snapshot: WorkbenchSnapshot) -> Sequence[int]:
        """The rows of the window that pass."""
        consumer = find(snapshot, self.consumer)
        if consumer is None:
            return ()
        window = snapshot.window
        verdicts, first_row = _between(consumer, window.first_row, window.end_row)
        rows: Sequence[int] = np.flatnonzero(verdicts == Verdict.PASS) + first_row  # type: ignore[assignment]
        return rows

    def drawn(self, snapshot: WorkbenchSnapshot) -> Sequence[ConsumerSnapshot]:
        """Its own consumer."""
        consumer = find(snapshot, self.consumer)
        return () if consumer is None else (consumer,)

    def unseen(self, snapshot: WorkbenchSnapshot, row: int) -> int:
        """The rows from `row` on that pass."""
        consumer = find(snapshot, self.consumer)
        if consumer is None:
            return 0
        verdicts, _ = _between(consumer, row, snapshot.window.end_row)
        return int(np.count_nonzero(verdicts == Verdict.PASS))

    def hint(self) -> str:
        """Why nothing is shown."""
        consumer = find(self.shown, self.consumer)
        if consumer is None:
            return ""
        said = empty_hint(consumer, self.shown.window, behind=self._behind)
        evaluated = int(np.count_nonzero(consumer.verdicts != Verdict.PENDING))
        lost = min(self.left, len(self.shown.window) - evaluated)
        if not lost or consumer.state not in (ConsumerState.LIVE, ConsumerState.STALE):
            return said
        follows = f"{key_name(self, 'view.follow')} follows"
        if not evaluated:
            return f"these records have left the window\n{follows}"
        return f"{said}\n{units.count(lost)} have left the window · {follows}"

    def tell_behind(self, behind: bool) -> None:
        """Let the hint say what is still to evaluate, or no longer."""
        if behind is not self._behind:
            self._behind = behind
            if not len(self.rows):
                self.refresh()

    def lead(self, row: int) -> tuple[Segment, ...]:
        """A mark on what the last reload let through."""
        assert self.inks is not None
        consumer = find(self.shown, self.consumer)
        if consumer is not None and consumer.change is not None and consumer.change.was(row) is not None:
            return (Segment("+ ", self.inks.filters[filter_colour(self.consumer) - 1]),)
        return (Segment("  ", self.inks.text),)


def find(snapshot: WorkbenchSnapshot, identity: int) -> ConsumerSnapshot | None:
    """The consumer of that id, or None once it is gone."""
    return next((consumer for consumer in snapshot.consumers if consumer.id == identity), None)


def empty_hint(consumer: ConsumerSnapshot, window: WindowSnapshot, *, behind: bool = False) -> str:
    """What an empty pane says of a filter over a window, and, where it is behind, how far it has come."""
    if consumer.state is ConsumerState.BUILDING:
        return "building for the first time"
    if consumer.state is ConsumerState.FAILED:
        return "does not build: the reason is below\nsave the file to try again"
    if consumer.state is ConsumerState.STOPPED:
        return "stopped: the reason is below"
    if not len(window):
        return "no records yet"
    evaluated = int(np.count_nonzero(consumer.verdicts != Verdict.PENDING))
    said = f"nothing passed of {units.count(evaluated)}" if evaluated else "nothing evaluated yet"
    pending = to_evaluate(consumer, window)
    if not behind or not pending:
        return said
    return f"{said}\n{units.count(pending)} of {units.count(len(window))} still to evaluate"


def _between(consumer: ConsumerSnapshot, first: int, end: int) -> tuple[VerdictArray, int]:
    """The verdicts on rows `first` to before `end`, as far as there are any, and the first one's row."""
    start = max(first, consumer.first_row)
    stop = max(end, start)
    return consumer.verdicts[start - consumer.first_row : stop - consumer.first_row], start
