"""The panel of changes: the loaded records that the last reload changed, or that two sides differ in."""

import time
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from engine import units
from engine.live.comparison.compared import Compared
from engine.live.comparison.comparison import Comparison
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import RowSource, WindowRows, changed_rows
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.versions.changes import Change
from engine.live.window.matcher import Rows
from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.panes.pane_header import changed_words
from tui.dashboard.present.signs import VERDICT_WORDS
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.words import Words, filter_name, quiet
from tui.dashboard.widgets.rows.column_titles import ColumnTitles
from tui.dashboard.widgets.rows.draggable_view import DraggableView
from tui.dashboard.widgets.rows.record_view import RecordView
from tui.dashboard.widgets.rows.row_strips import Lead
from tui.dashboard.widgets.rows.row_styles import RowStyles

NOBODY = 0
_WORD = max(map(len, VERDICT_WORDS.values()))


class ChangesView(DraggableView):
    """The changed records of one consumer: the verdict before and now; the record, or its outputs."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view"), *bindings("changes")]

    class Asked(RecordView.Event):
        """The user asked for something to be done with all that is listed."""

        def __init__(self, view: "ChangesView", action: str) -> None:
            super().__init__(view)
            self.action = action

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        self.only: tuple[str, Rows] | None = None
        """What the listed records have in common, and their rows; None for all."""
        super().__init__(snapshot, NOBODY)

    def open(self, consumer: int, snapshot: WorkbenchSnapshot, *, alone: bool = False) -> None:
        self.only, self.alone = None, alone
        self.restart(snapshot, consumer)
        self.action_top()

    def show_only(self, only: tuple[str, Rows] | None) -> None:
        """List some of the changes, or all again."""
        self.only = only
        self.content.reread()
        self._show_content()

    def every_row(self) -> Rows:
        """The rows of all changes, whatever is listed."""
        return np.asarray(self._every_change(self.shown).rows)

    def action_group(self) -> None:
        self.post_message(self.Asked(self, "group"))

    def action_pin(self) -> None:
        self.post_message(self.Asked(self, "pin"))

    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        every = self._every_change(snapshot)
        return every if self.only is None else every.only(self.only[1])

    def _every_change(self, snapshot: WorkbenchSnapshot) -> RowSource:
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

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self.view = ChangesView(deck.snapshot)
        self._title = Words(classes="title")
        self._titles = ColumnTitles()
        self._whole = RowTexts()
        self._comparison: Comparison | None = None
        """What is listed instead of the last reload's changes."""
        self._taken: Comparison | None = None
        self._topic = ""
        """Whose records are listed."""
        self._opened = False
        """Whether the differences are listed."""

    def compose(self) -> ComposeResult:
        yield from (self._title, self._titles, self.view)

    @property
    def keys_go_to(self) -> Widget:
        return self.view

    @property
    def records(self) -> RecordView:
        return self.view

    @property
    def compared(self) -> Compared | None:
        """The comparison that is listed; None for the changes of a reload."""
        return None if self._comparison is None else self._comparison.snapshot()

    def take(self, comparison: Comparison) -> None:
        """List the differences of two sides the next time that this opens."""
        self._taken = comparison

    def count(self, snapshot: WorkbenchSnapshot) -> str:
        compared = self.compared
        if compared is not None:
            return "" if compared.change is None else units.count(len(compared.change))
        consumer = (
            self._shown(snapshot) if self.display else whose_changes(snapshot, self._deck.current.consumer)
        )
        return "" if consumer is None or consumer.change is None else units.count(len(consumer.change))

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        if self._comparison is not None:
            return snapshot.topic == self._topic
        if self.display:
            consumer = self._shown(snapshot)
            return consumer is not None and has_changes(consumer)
        return any(map(has_changes, snapshot.consumers))

    def open(self, snapshot: WorkbenchSnapshot) -> None:
        self._comparison, self._taken, self._opened = self._taken, None, False
        self._topic = snapshot.topic
        consumer = whose_changes(snapshot, self._deck.current.consumer)
        if self._comparison is None and consumer is not None:
            self.view.open(consumer.id, snapshot)

    def close(self) -> None:
        if self._comparison is not None:
            self._comparison.stop()
            self._comparison = None

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        compared = self.compared
        if compared is not None:
            return self._show_compared(compared, snapshot)
        consumer = self._shown(snapshot)
        if consumer is None or consumer.change is None:
            return False
        return any((self._title.say(_title(consumer, self.view)), self._show_rows(snapshot)))

    def _show_compared(self, compared: Compared, snapshot: WorkbenchSnapshot) -> bool:
        shown = compared.shown(snapshot)
        if not self._opened:
            self.view.open(compared.consumer, shown, alone=compared.window is not None)
            self._opened = compared.ended
        return any((self._title.say(_compared_title(compared, self.view)), self._show_rows(shown)))

    def _show_rows(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw the list: records in the columns of the panes, outputs whole beside the former ones."""
        consumer, columns = snapshot.consumer(self.view.consumer), self._deck.columns
        outputs = consumer is not None and consumer.outputs is not None
        texts = self._whole if outputs else columns.texts
        drawn = [self.view.write(texts, columns.times(time.time())), self.view.show(snapshot)]
        return any((*drawn, self._show_titles()))

    def _show_titles(self) -> bool:
        return self._titles.show(self.view.drawing.titles())

    on_resize = _show_titles

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


def _title(consumer: ConsumerSnapshot, view: ChangesView) -> Content:
    assert consumer.change is not None
    return filter_name(consumer) + f"  {_counted(consumer.change, 'changed')}" + _ending(view)


def _compared_title(compared: Compared, view: ChangesView) -> Content:
    sides = Content.styled(f"{format.harmless(compared.old)} → {format.harmless(compared.new)}", "bold")
    if compared.change is None:
        words = f"ended: {format.harmless(compared.problem)}" if compared.problem else "comparing"
        share = "" if compared.problem else f" {units.percent(compared.share)}"
        return sides + f"  {words}{share}"
    problem = f" · {format.harmless(compared.problem)}" if compared.problem else ""
    return sides + f"  {_counted(compared.change, 'differ')}{problem}" + _ending(view)


def _counted(change: Change, verb: str) -> str:
    counts = change.counts
    changed, compared = units.count(counts.changed), units.count(counts.compared)
    words = changed_words(counts)[0]
    return f"{changed} of {compared} {verb}" + (f": {words}" if words else "")


def _ending(view: ChangesView) -> Content:
    """What is listed of it, and the keys for that."""
    only = "" if view.only is None else f"  only {format.harmless(view.only[0])} ({len(view.only[1]):,})"
    group, pin = (key_name(view, f"changes.{name}") for name in ("group", "pin"))
    return Content.styled(only, "bold") + quiet(f"  {group} groups · {pin} pins all")
