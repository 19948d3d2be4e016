"""The panel of changes: the loaded records whose verdict or outputs the last reload changed."""

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import RowSource, WindowRows, changed_rows
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.pane_header import changed_words
from tui.dashboard.present.signs import VERDICT_WORDS
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.panes.row_strips import Lead
from tui.dashboard.widgets.panes.row_styles import RowStyles
from tui.dashboard.widgets.parts.words import Words, filter_name, quiet

NOBODY = 0
_WORD = max(map(len, VERDICT_WORDS.values()))


class ChangesView(RecordView):
    """The changed records of one consumer: the verdict before and now; the record, or its outputs."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__(snapshot, NOBODY)

    def open(self, consumer: int, snapshot: WorkbenchSnapshot) -> None:
        self.restart(snapshot, consumer)
        self.action_top()

    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        consumer = snapshot.consumer(self.consumer)
        if consumer is None or consumer.change is None:
            return WindowRows(snapshot.window, range(0))
        return changed_rows(snapshot.window, consumer.change, consumer.outputs)

    def hint(self) -> str:
        return "these records have left the window"

    def lead(self, row: int, styles: RowStyles) -> Lead:
        consumer = self.shown.consumer(self.consumer)
        was = None if consumer is None or consumer.change is None else consumer.change.was(row)
        if consumer is None or was is None:
            return (Segment(" " * (2 * _WORD + 4), styles.text),)
        now = consumer.verdict(row)
        return (
            Segment(f"{VERDICT_WORDS[was]:>{_WORD}} ", styles.of_verdict(consumer.id, was)),
            Segment("→ ", styles.offset),
            Segment(f"{VERDICT_WORDS[now]:<{_WORD}} ", styles.of_verdict(consumer.id, now)),
        )


class ChangesPanel(Vertical):
    """Shows or hides the view, under a line that counts."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.view = ChangesView(snapshot)
        self._title = Words(classes="title")

    def compose(self) -> ComposeResult:
        yield from (self._title, self.view)

    def open(self, consumer: int, snapshot: WorkbenchSnapshot) -> None:
        self.display = True
        self.view.open(consumer, snapshot)
        self.show(snapshot)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot, or close the panel if no change is left; whether anything changed."""
        if not self.display:
            return False
        consumer = snapshot.consumer(self.view.consumer)
        if consumer is None or consumer.change is None or not len(consumer.change):
            self.display = False
            return True
        counted = self._title.say(_title(consumer, key_name(self, "dashboard.changes")))
        return self.view.show(snapshot) or counted


def has_changes(consumer: ConsumerSnapshot) -> bool:
    """Whether the last reload of a consumer changed any verdict or output."""
    return consumer.change is not None and len(consumer.change) > 0


def _title(consumer: ConsumerSnapshot, key: str) -> Content:
    assert consumer.change is not None
    difference = consumer.change.difference
    changed, compared = units.count(difference.changed), units.count(difference.compared)
    words = f"  {changed} of {compared} changed: {changed_words(difference)[0]}"
    return filter_name(consumer) + words + quiet(f"  {key} closes")
