"""What a view shows of the snapshots: those that come, or one that a pause keeps."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.errors import BrokerError
from engine.live import overlay
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import NotShownError, RowSource
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.snapshot import NotLoadedError
from engine.records.batch import Record
from engine.records.verdict_arrays import count
from engine.records.verdicts import Verdict


class ShownRows:
    """The rows of the newest snapshot or, in a pause, those of its beginning with the newest verdicts."""

    def __init__(
        self,
        snapshot: WorkbenchSnapshot,
        source: Callable[[WorkbenchSnapshot], RowSource],
        consumer: int | None,
    ) -> None:
        """`source` finds the rows of a snapshot; without a `consumer` the verdicts of all are shown."""
        self.snapshot = self.newest = snapshot
        self.source = source(snapshot)
        self._source_of = source
        self._consumer = consumer

    @property
    def consumers(self) -> Sequence[ConsumerSnapshot]:
        """Those whose verdicts are shown."""
        return self._consumers_of(self.snapshot)

    @property
    def new(self) -> tuple[int, bool]:
        """How many rows came since the pause, and whether even more have left the window again."""
        end, window = self.snapshot.window.end_row, self.newest.window
        rows = self._source_of(self.newest)
        return len(rows) - rows.find(max(end, window.first_row)), window.first_row > end

    @property
    def left(self) -> int:
        """How many of the rows kept have left the window."""
        gone = self.newest.window.start_row - self.snapshot.window.start_row
        return min(max(gone, 0), len(self.snapshot.window))

    @property
    def lacks_verdicts(self) -> bool:
        """Whether some of those are not evaluated: a new version evaluates only the window by itself."""
        start, left = self.snapshot.window.start_row, self.left
        return left > 0 and any(
            one.version > 0
            and one.rate_limit is None
            and not one.remote
            and bool(count(one.verdicts[max(start - one.first_row, 0) :][:left], Verdict.PENDING))
            for one in self.consumers
        )

    def shown_record(self, row: int) -> Record | None:
        """What is shown at a row; None if it is lost or not loaded yet, or the row is not shown."""
        index = self.source.find(row)
        if index == len(self.source) or self.source.row(index) != row:
            return None
        try:
            batch, position = self.source.locate(index)
        except (BrokerError, NotLoadedError, NotShownError):
            return None
        return batch.record(position)

    def record(self, row: int) -> Record | None:
        """The topic's record at a row, whether it is shown or not; None if it is lost or not loaded yet."""
        try:
            return self.snapshot.window.record(row)
        except (BrokerError, NotLoadedError):
            return None

    def is_loading(self, row: int) -> bool:
        """Whether the record at a row is still being read."""
        try:
            self.snapshot.window.locate(row)
        except (NotLoadedError, BrokerError) as error:
            return isinstance(error, NotLoadedError)
        return False

    def update(self, newest: WorkbenchSnapshot, *, paused: bool) -> bool:
        """Take in a newer snapshot; return whether other rows or verdicts are shown."""
        self.newest = newest
        return self._show(overlay.paused(self.snapshot, newest) if paused else newest)

    def reread(self) -> None:
        """Find the rows of the same snapshot again."""
        self.source = self._source_of(self.snapshot)

    def extend_to(self, row: int) -> bool:
        """Show a row that is newer, or was read back for another view; return as `update` does."""
        if row >= self.snapshot.window.end_row:
            return self._show(self.newest)
        return row < self.snapshot.window.first_row and self._show(overlay.paused(self.snapshot, self.newest))

    def _show(self, snapshot: WorkbenchSnapshot) -> bool:
        old, self.snapshot = self.snapshot, snapshot
        before, now = self._consumers_of(old), self.consumers
        same_rows = old.window is snapshot.window and len(before) == len(now)
        if same_rows and all(map(_same_verdicts, before, now)):
            return False
        self.source = self._source_of(snapshot)
        return True

    def _consumers_of(self, snapshot: WorkbenchSnapshot) -> Sequence[ConsumerSnapshot]:
        return [one for one in snapshot.consumers if self._consumer in (None, one.id)]


def _same_verdicts(old: ConsumerSnapshot, new: ConsumerSnapshot) -> bool:
    return old is new or (
        _content(old) is _content(new)
        and (old.id, old.state, old.version, old.change, old.first_row)
        == (new.id, new.state, new.version, new.change, new.first_row)
        and np.array_equal(old.verdicts, new.verdicts)
    )


def _content(consumer: ConsumerSnapshot) -> object:
    return None if consumer.outputs is None else consumer.outputs.content
