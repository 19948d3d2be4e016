"""The widgets around the panes of the dashboard, and drawing them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.widget import Widget

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.screens.builds import BuildsPanel
from tui.dashboard.widgets.editor.beside import Beside
from tui.dashboard.widgets.editor.source_editor import SourceEditor
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.error_panel import ErrorPanel
from tui.dashboard.widgets.panels.fields_panel import FieldsPanel
from tui.dashboard.widgets.panels.lesson_panel import LessonPanel
from tui.dashboard.widgets.panels.messages_panel import MessagesPanel
from tui.dashboard.widgets.panels.plot_panel import PlotPanel
from tui.dashboard.widgets.panels.printed_panel import PrintedPanel
from tui.dashboard.widgets.panels.record_detail import RecordDetail, RecordPanel, RecordSide
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panels.time_panel import TimePanel
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.notice_bar import NoticeBar
from tui.dashboard.widgets.parts.title_bar import TitleBar


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The widgets of one dashboard."""

    deck: Deck
    title: TitleBar
    notice: NoticeBar
    editor: SourceEditor
    search: SearchBar
    dock: Dock
    lesson: LessonPanel
    """A tab of the dock."""
    panel: RecordPanel
    """The record under the cursor, as a tab of the dock."""
    side: RecordSide
    """That record beside the panes, where there is room."""
    errors: ErrorPanel

    @classmethod
    def around(cls, deck: Deck, notice: str, broker_color: str) -> "Parts":
        """Those of a dashboard with these panes; `broker_color` is that of the broker's profile."""

        def detail() -> RecordDetail:
            return RecordDetail(lambda: dock.view, lambda *asked: deck.topic.workbench.explain(*asked))

        errors, lesson = ErrorPanel(), LessonPanel(deck)
        panel, side = RecordPanel(detail()), RecordSide(detail())
        # From left to right.
        tabs = (
            panel,
            ChangesPanel(deck),
            BuildsPanel(deck),
            MessagesPanel(errors),
            PrintedPanel(),
            PlotPanel(deck.snapshot),
            FieldsPanel(deck),
            TimePanel(deck),
            lesson,
        )
        dock = Dock(deck, tabs)
        return cls(
            deck=deck,
            title=TitleBar(broker_color),
            notice=NoticeBar(notice),
            editor=SourceEditor(),
            search=SearchBar(deck, dock),
            dock=dock,
            lesson=lesson,
            panel=panel,
            side=side,
            errors=errors,
        )

    def compose(self) -> Iterator[Widget]:
        """From top to bottom."""
        work = Beside(self.deck, self.editor, self.side)
        yield from (self.title, self.notice, work, self.search, self.dock, self.errors)

    def show(self, snapshots: Sequence[WorkbenchSnapshot]) -> bool:
        """Draw snapshots, that of the current pane's topic first; return whether anything changed."""
        deck, columns = self.deck, self.deck.columns
        drawn = [
            self.notice.show("\n".join(filter(None, (one.notice for one in snapshots)))),
            self.title.show(
                snapshots[0],
                lock=deck.together.words,
                times=columns.times_said,
                constants=columns.guess.constants,
            ),
            self.editor.show(snapshots),
            self.search.show(),
            self.errors.show(snapshots, deck.current.consumer),
            self.dock.show(),
            self.side.show(),
        ]
        return any(drawn)
