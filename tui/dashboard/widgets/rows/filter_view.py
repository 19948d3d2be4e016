"""The records of one SmartStream: what passes, or what it dropped, failed on or changed."""

from rich.segment import Segment
from textual.reactive import reactive

from engine import units
from engine.live.evaluation.status import ConsumerState
from engine.live.row_source import RowSource, WindowRows
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.views import View, view_rows
from engine.live.window.matcher import Rows
from engine.live.window.search import Search
from engine.records.verdict_arrays import count
from engine.records.verdicts import Verdict
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.panes.empty_hint import empty_hint
from tui.dashboard.present.signs import VERDICT_SIGNS
from tui.dashboard.widgets.rows.draggable_view import DraggableView
from tui.dashboard.widgets.rows.row_strips import Lead
from tui.dashboard.widgets.rows.row_styles import RowStyles


class FilterView(DraggableView):
    """One view of a SmartStream's records. Since a reload, `+` and `−` are new, `~` other outputs."""

    behind: reactive[bool] = reactive(False)
    """Whether the hint says how much is still to evaluate."""

    view = View.PASSED

    inputs = False
    """Whether the input is shown beside each output."""

    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        consumer = snapshot.consumer(self.consumer)
        if consumer is None:
            return WindowRows(snapshot.window, range(0))
        return view_rows(self.view, snapshot.window, consumer, inputs=self.inputs)

    def hits(self, search: Search) -> Rows:
        consumer = self.shown.consumer(self.consumer)
        if consumer is None or consumer.outputs is None or self.view is not View.PASSED:
            return search.hits
        blocks = consumer.outputs.every_block
        search.show_outputs(consumer.id, blocks)
        return search.hits_among(blocks)

    def turn(self, step: int) -> None:
        """Show another view; the cursor stays on its record, or goes to the next one shown."""
        self.turn_to(self.view.step(step))

    def turn_to(self, view: View) -> None:
        """As `turn`."""
        self.view = view
        self.content.reread()
        self._show_content()
        if self.following:
            self.place(self.viewport.follow())

    def toggle_inputs(self) -> None:
        self.inputs = not self.inputs
        self.content.reread()
        self.refresh()

    def hint(self) -> str:
        consumer = self.shown.consumer(self.consumer)
        if consumer is None:
            return ""
        reason = empty_hint(consumer, self.shown.window, view=self.view, behind=self.behind)
        evaluated = len(consumer.verdicts) - count(consumer.verdicts, Verdict.PENDING)
        lost = min(self.content.left, len(self.shown.window) - evaluated)
        if not lost or consumer.state not in (ConsumerState.LIVE, ConsumerState.STALE):
            return reason
        follows = f"{key_name(self, 'view.follow')} follows"
        if not evaluated:
            return f"these records have left the window\n{follows}"
        return f"{reason}\n{units.count(lost)} have left the window · {follows}"

    def lead(self, row: int, styles: RowStyles) -> Lead:
        consumer = self.shown.consumer(self.consumer)
        if consumer is None:
            return (Segment("  ", styles.text),)
        now = consumer.verdict(row)
        was = None if consumer.change is None else consumer.change.was(row)
        if self.view is View.CHANGED and was is not None:
            return (
                Segment(VERDICT_SIGNS[was], styles.of_verdict(consumer.id, was)),
                Segment("→", styles.offset),
                Segment(f"{VERDICT_SIGNS[now]} ", styles.of_verdict(consumer.id, now)),
            )
        if self.view in (View.FAILED, View.ALL):
            return (Segment(f"{VERDICT_SIGNS[now]} ", styles.of_verdict(consumer.id, now)),)
        if was is None:
            return (Segment("  ", styles.text),)
        sign = "−" if now is Verdict.DROP else "~" if was is Verdict.PASS else "+"
        return (Segment(f"{sign} ", styles.of_filter(consumer.id)),)
