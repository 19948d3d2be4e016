"""The outputs of one SmartStream."""

import numpy as np
from rich.segment import Segment
from textual.reactive import reactive

from engine import units
from engine.live.evaluation.status import ConsumerState
from engine.live.row_source import RowSource, WindowRows, passed_rows
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.matcher import Rows
from engine.live.window.search import Search
from engine.records.verdicts import Verdict
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.empty_hint import empty_hint
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.panes.row_strips import Lead
from tui.dashboard.widgets.panes.row_styles import RowStyles


class FilterView(RecordView):
    """The outputs of a SmartStream; since the last reload, `+` are new ones, and `~` are other ones."""

    behind: reactive[bool] = reactive(False)
    """Whether the hint says how much is still to evaluate."""

    inputs = False
    """Whether the input is shown beside each output."""

    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        consumer = snapshot.consumer(self.consumer)
        if consumer is None:
            return WindowRows(snapshot.window, range(0))
        return passed_rows(snapshot.window, consumer, inputs=self.inputs)

    def hits(self, search: Search) -> Rows:
        consumer = self.shown.consumer(self.consumer)
        if consumer is None or consumer.outputs is None:
            return search.hits
        blocks = consumer.outputs.every_block
        search.show_outputs(consumer.id, blocks)
        return search.hits_among(blocks)

    def toggle_inputs(self) -> None:
        self.inputs = not self.inputs
        self.content.reread()
        self.refresh()

    def hint(self) -> str:
        consumer = self.shown.consumer(self.consumer)
        if consumer is None:
            return ""
        reason = empty_hint(consumer, self.shown.window, behind=self.behind)
        evaluated = int(np.count_nonzero(consumer.verdicts != Verdict.PENDING))
        lost = min(self.content.left, len(self.shown.window) - evaluated)
        if not lost or consumer.state not in (ConsumerState.LIVE, ConsumerState.STALE):
            return reason
        follows = f"{key_name(self, 'view.follow')} follows"
        if not evaluated:
            return f"these records have left the window\n{follows}"
        return f"{reason}\n{units.count(lost)} have left the window · {follows}"

    def lead(self, row: int, styles: RowStyles) -> Lead:
        consumer = self.shown.consumer(self.consumer)
        was = None if consumer is None or consumer.change is None else consumer.change.was(row)
        if consumer is not None and was is not None:
            return (Segment("~ " if was is Verdict.PASS else "+ ", styles.of_filter(consumer.id)),)
        return (Segment("  ", styles.text),)
