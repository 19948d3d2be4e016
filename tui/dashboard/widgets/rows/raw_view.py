"""Every record of the window, with each filter's verdict in a gutter."""

from rich.segment import Segment
from rich.style import Style

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import RowSource, every_row
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.signs import VERDICT_SIGNS
from tui.dashboard.widgets.rows.draggable_view import DraggableView
from tui.dashboard.widgets.rows.row_strips import Lead
from tui.dashboard.widgets.rows.row_styles import RowStyles

_CHANGED = Style(reverse=True)


class RawView(DraggableView):
    """One column of verdicts per filter, in its colour; those that the last reload changed stand out."""

    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        return every_row(snapshot.window)

    def hint(self) -> str:
        lines = [
            "no records yet",
            "",
            f"{key_name(self, 'dashboard.produce')} types one, or in another terminal:",
        ]
        lines.append(f"fluvio-tui produce {self.shown.topic}")
        if not self.shown.consumers:
            lines += ["", f"{key_name(self, 'dashboard.add')} adds a filter"]
        return "\n".join(lines)

    def lead(self, row: int, styles: RowStyles) -> Lead:
        return (*(_sign(styles, one, row) for one in self.shown.consumers), Segment(" ", styles.text))


def _sign(styles: RowStyles, consumer: ConsumerSnapshot, row: int) -> Segment:
    verdict = consumer.verdict(row)
    style = styles.of_verdict(consumer.id, verdict)
    if consumer.change is not None and consumer.change.was(row) is not None:
        style += _CHANGED
    return Segment(VERDICT_SIGNS[verdict], style)
