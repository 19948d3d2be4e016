"""The panel of changes: the loaded records whose verdict or outputs the last reload changed."""

from rich.segment import Segment
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import RowSource, WindowRows, changed_rows
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.pane_header import changed_words
from tui.dashboard.present.signs import VERDICT_WORDS
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.panes.draggable_view import DraggableView
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.panes.row_strips import Lead
from tui.dashboard.widgets.panes.row_styles import RowStyles
from tui.dashboard.widgets.parts.words import Words, filter_name

NOBODY = 0
_WORD = max(map(len, VERDICT_WORDS.values()))


class ChangesView(DraggableView):
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


class ChangesPanel(Tab):
    """The view under a line that counts: of the current pane, else of the consumer that changed last."""

    label, key = "Changes", "dashboard.changes"

    def __init__(self, snapshot: WorkbenchSnapshot, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self.view = ChangesView(snapshot)
        self._title = Words(classes="title")

    def compose(self) -> ComposeResult:
        yield from (self._title, self.view)

    @property
    def keys_go_to(self) -> Widget:
        return self.view

    @property
    def records(self) -> RecordView:
        return self.view

    def count(self, snapshot: WorkbenchSnapshot) -> str:
        consumer = (
            self._shown(snapshot) if self.display else whose_changes(snapshot, self._deck.current.consumer)
        )
        return "" if consumer is None or consumer.change is None else units.count(len(consumer.change))

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        if self.display:
            consumer = self._shown(snapshot)
            return consumer is not None and has_changes(consumer)
        return any(map(has_changes, snapshot.consumers))

    def open(self, snapshot: WorkbenchSnapshot) -> None:
        consumer = whose_changes(snapshot, self._deck.current.consumer)
        if consumer is not None:
            self.view.open(consumer.id, snapshot)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        consumer = self._shown(snapshot)
        if consumer is None or consumer.change is None:
            return False
        return any((self._title.say(_title(consumer)), self.view.show(snapshot)))

    def _shown(self, snapshot: WorkbenchSnapshot) -> ConsumerSnapshot | None:
        return snapshot.consumer(self.view.consumer)


def whose_changes(snapshot: WorkbenchSnapshot, here: int | None) -> ConsumerSnapshot | None:
    """The consumer `here` if its verdicts changed, else the one that changed last; None without changes."""

    def preference(consumer: ConsumerSnapshot) -> tuple[bool, float]:
        return consumer.id == here, consumer.build.started if consumer.build else 0.0

    return max(filter(has_changes, snapshot.consumers), key=preference, default=None)


def has_changes(consumer: ConsumerSnapshot) -> bool:
    """Whether the last reload of a consumer changed any verdict or output."""
    return consumer.change is not None and len(consumer.change) > 0


def _title(consumer: ConsumerSnapshot) -> Content:
    assert consumer.change is not None
    difference = consumer.change.difference
    changed, compared = units.count(difference.changed), units.count(difference.compared)
    return filter_name(consumer) + f"  {changed} of {compared} changed: {changed_words(difference)[0]}"
