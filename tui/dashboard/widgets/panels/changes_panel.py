"""The panel of changed verdicts: every record of the window of which the last reload says something else."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.app.theme import filter_colour
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present import format
from tui.dashboard.present.pane_header import changed_words
from tui.dashboard.present.signs import VERDICT_WORDS
from tui.dashboard.widgets.panes.filter_view import find
from tui.dashboard.widgets.panes.raw_view import verdict_style
from tui.dashboard.widgets.panes.record_view import RecordView

_WORD = max(map(len, VERDICT_WORDS.values()))


class ChangesView(RecordView):
    """The changed records of one consumer: the verdict before, the verdict now, the record."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        self.consumer = 0
        """Whose; 0 is nobody's."""
        super().__init__(snapshot)

    def open(self, consumer: int, snapshot: WorkbenchSnapshot) -> None:
        """Show the changes of a consumer, the cursor on the first one."""
        self.consumer = consumer
        self.following, self.cursor = True, None
        self.shown = snapshot
        self.strips.observe(snapshot.window)
        self.strips.clear()
        self._replace_rows(self.index(snapshot))
        self.refresh()
        if len(self.rows):
            self.select(int(self.rows[0]))

    def index(self, snapshot: WorkbenchSnapshot) -> Sequence[int]:
        """The rows that changed and are still in the window."""
        consumer = find(snapshot, self.consumer)
        if consumer is None or consumer.change is None:
            return ()
        rows = consumer.change.rows()
        window = snapshot.window
        kept: Sequence[int] = rows[(rows >= window.first_row) & (rows < window.end_row)]  # type: ignore[assignment]
        return kept

    def drawn(self, snapshot: WorkbenchSnapshot) -> Sequence[ConsumerSnapshot]:
        """Its own consumer."""
        consumer = find(snapshot, self.consumer)
        return () if consumer is None else (consumer,)

    def unseen(self, _snapshot: WorkbenchSnapshot, _row: int) -> int:
        """None: what arrives was not evaluated by the version before."""
        return 0

    def hint(self) -> str:
        """Why nothing is shown."""
        return "these records have left the window"

    def lead(self, row: int) -> tuple[Segment, ...]:
        """Both verdicts."""
        assert self.inks is not None
        consumer = find(self.shown, self.consumer)
        was = None if consumer is None or consumer.change is None else consumer.change.was(row)
        if consumer is None or was is None:
            return (Segment(" " * (2 * _WORD + 4), self.inks.text),)
        now = consumer.verdict(row)
        return (
            Segment(f"{VERDICT_WORDS[was]:>{_WORD}} ", verdict_style(self.inks, consumer.id, was)),
            Segment("→ ", self.inks.offset),
            Segment(f"{VERDICT_WORDS[now]:<{_WORD}} ", verdict_style(self.inks, consumer.id, now)),
        )


class ChangesPanel(Vertical):
    """Shows or hides the view, under a line that counts."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.view = ChangesView(snapshot)
        self._title = Static(classes="title", markup=False)
        self._said = Content("")

    def compose(self) -> ComposeResult:
        """A line over records."""
        yield self._title
        yield self.view

    def open(self, consumer: int, snapshot: WorkbenchSnapshot) -> None:
        """Show the changes of a consumer."""
        self.display = True
        self.view.open(consumer, snapshot)
        self.show(snapshot)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot, where the panel is open, or close it where no change is left; whether it did."""
        if not self.display:
            return False
        consumer = find(snapshot, self.view.consumer)
        if consumer is None or consumer.change is None or not len(consumer.change):
            self.display = False
            return True
        said = _title(consumer, key_name(self, "dashboard.changes"))
        changed = said != self._said
        if changed:
            self._said = said
            self._title.update(said)
        return self.view.show(snapshot) or changed


def has_changes(consumer: ConsumerSnapshot) -> bool:
    """Whether the last reload of a consumer changed any verdict."""
    return consumer.change is not None and len(consumer.change) > 0


def _title(consumer: ConsumerSnapshot, key: str) -> Content:
    assert consumer.change is not None
    name = f"{consumer.id} {format.harmless(consumer.name)}"
    difference = consumer.change.difference
    changed, compared = units.count(difference.changed), units.count(difference.compared)
    words = f"  {changed} of {compared} changed: {changed_words(difference)[0]}"
    colour = f"bold $filter-{filter_colour(consumer.id)}"
    return Content.styled(name, colour) + words + Content.styled(f"  {key} closes", "$foreground 60%")
