"""A topic that panes show: its workbench, the snapshot that is drawn, and how its rows look."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.dashboard.present.columns.topic_columns import TopicColumns
from tui.dashboard.present.panes.throttled_numbers import Readings

if TYPE_CHECKING:
    from engine.live.snapshots import WorkbenchSnapshot
    from engine.live.workbench import Workbench


class OpenTopic:
    """One of the topics side by side."""

    def __init__(
        self, workbench: "Workbench", columns: TopicColumns | None = None, widths: Sequence[float] = ()
    ) -> None:
        """`columns` are those of the rows, `widths` those of the first panes, in proportion."""
        self.workbench = workbench
        self.snapshot = workbench.snapshot()
        """What is drawn now."""
        self.columns = columns or TopicColumns()
        self.widths = tuple(widths)
        self.scroll = 0
        """How many cells of their columns all panes are scrolled to the right."""
        self._readings = Readings()

    @property
    def name(self) -> str:
        return self.snapshot.topic

    def take(self, newest: "WorkbenchSnapshot") -> None:
        """Have a newer snapshot drawn, with numbers that are easy to read."""
        self.snapshot = self._readings.settle(newest)
