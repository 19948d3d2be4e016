"""Every record of the window, with what each filter said of it in a gutter."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.records.verdicts import Verdict
from tui.dashboard.app.theme import filter_colour
from tui.dashboard.present.signs import VERDICT_SIGNS
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.panes.row_styles import Inks


class RawView(RecordView):
    """The raw stream: one column of verdicts per filter, in that filter's colour."""

    def index(self, snapshot: WorkbenchSnapshot) -> Sequence[int]:
        """All rows of the window."""
        return range(snapshot.window.first_row, snapshot.window.end_row)

    def drawn(self, snapshot: WorkbenchSnapshot) -> Sequence[ConsumerSnapshot]:
        """All consumers."""
        return snapshot.consumers

    def unseen(self, snapshot: WorkbenchSnapshot, row: int) -> int:
        """The rows from `row` to the window's end."""
        return max(snapshot.window.end_row - row, 0)

    def hint(self) -> str:
        """How records come here."""
        topic = self.shown.topic
        return f"no records yet\n\nfluvio-tui produce {topic}"

    def lead(self, row: int) -> tuple[Segment, ...]:
        """A sign per filter; those that the last reload changed stand out."""
        assert self.inks is not None
        inks = self.inks
        return (*(sign(inks, consumer, row) for consumer in self.shown.consumers), Segment(" ", inks.text))


def sign(inks: Inks, consumer: ConsumerSnapshot, row: int) -> Segment:
    """What a filter said of a row."""
    verdict = consumer.verdict(row)
    style = verdict_style(inks, consumer.id, verdict)
    if consumer.change is not None and consumer.change.was(row) is not None:
        style += _CHANGED
    return Segment(VERDICT_SIGNS[verdict], style)


_CHANGED = Style(reverse=True)
_QUIET = Style(dim=True)


def verdict_style(inks: Inks, consumer: int, verdict: Verdict) -> Style:
    """The ink for what a filter said."""
    if verdict is Verdict.ERROR:
        return inks.error
    if verdict in (Verdict.TRAP, Verdict.TIMEOUT):
        return inks.trap
    colour = inks.filters[filter_colour(consumer) - 1]
    return colour if verdict is Verdict.PASS else colour + _QUIET
