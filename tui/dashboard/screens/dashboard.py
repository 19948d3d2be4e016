"""The screen of one topic: draws snapshots as they come, and sends actions to the parts that act."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.frame_rate import TICKS_PER_SECOND, Alarm, Pace, Ticks, Waker
from tui.dashboard.flow.seen_pieces import SeenPieces
from tui.dashboard.keys.bindings import bindings, pane_bindings
from tui.dashboard.keys.idle_keys import IDLE_SECONDS, IdleKeys
from tui.dashboard.present.lesson import Step
from tui.dashboard.present.throttled_numbers import Readings
from tui.dashboard.screens.actions import Actions
from tui.dashboard.screens.builds import BuildsPanel
from tui.dashboard.screens.compare_actions import CompareActions
from tui.dashboard.screens.filter_actions import FilterActions
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.record_actions import RecordActions
from tui.dashboard.screens.scrollback_requests import ScrollbackRequests
from tui.dashboard.screens.shows_snapshots import ShowsSnapshots
from tui.dashboard.screens.source_actions import SourceActions, Then
from tui.dashboard.screens.topic_actions import TopicActions
from tui.dashboard.widgets.editor.beside import Beside
from tui.dashboard.widgets.editor.source_editor import SourceEditor
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel, ChangesView
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.error_panel import ErrorPanel
from tui.dashboard.widgets.panels.fields_panel import FieldsPanel
from tui.dashboard.widgets.panels.lesson_panel import LessonPanel
from tui.dashboard.widgets.panels.messages_panel import MessagesPanel
from tui.dashboard.widgets.panels.plot_panel import PlotPanel
from tui.dashboard.widgets.panels.printed_panel import PrintedPanel
from tui.dashboard.widgets.panels.record_detail import RecordDetail, RecordPanel, RecordSide
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panels.time_panel import TimePanel
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.parts.key_bar import KeyBar
from tui.dashboard.widgets.parts.notice_bar import NoticeBar
from tui.dashboard.widgets.parts.title_bar import TitleBar
from tui.dashboard.widgets.parts.value_view import ValueView

if TYPE_CHECKING:
    from engine.live.workbench import Workbench, Workbenches

BROKER_SECONDS = 0.5
"""How often the state of a broker is looked at."""


class Dashboard(Screen[None]):
    """One topic: the raw stream, its filters, and what is wrong with them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dashboard"), *pane_bindings()]

    class Woken(Message):
        """The engine has something new to draw."""

    def __init__(
        self,
        workbench: "Workbench",
        notice: str = "",
        keys: Sequence[Binding] = (),
        workbenches: "Workbenches | None" = None,
        *,
        lesson: bool = False,
        recent: Sequence[Path] = (),
        deck: Deck | None = None,
        broker_color: str = "",
    ) -> None:
        """`keys` are the present ones of every action; `workbenches` open other topics.

        `recent` are files to offer as filters. `broker_color` is that of the broker's profile.
        """
        super().__init__()
        self._compositor = SeenPieces()
        self._workbench = workbench
        self._keys = keys
        self._snapshot = workbench.snapshot()
        self._readings = Readings()
        self._pace = Pace(self._snapshot)
        self._late = Alarm(self, self.on_dashboard_woken)
        """Draws what came too soon after the last frame."""
        self._offered: object = None
        self._idle = IdleKeys(keys)
        self._requests = ScrollbackRequests(workbench)
        self._title = TitleBar(broker_color)
        self._notice = NoticeBar(notice)
        self._deck = deck = deck or Deck(self._snapshot)
        self._errors = ErrorPanel()
        self._lesson, self._begins_lesson = LessonPanel(deck), lesson
        self._panel, self._side = RecordPanel(self._detail()), RecordSide(self._detail())
        self._dock = dock = Dock(self._snapshot, deck, self._tabs())
        self._search = SearchBar(deck, dock)
        self._editor = SourceEditor()
        context = (self, Asking(self, self._draw), workbench, deck, dock, self._lesson)
        self._source = SourceActions(*context, self._editor)
        self._record = RecordActions(*context, self._panel, self._side)
        self._actors: dict[str, Deck | Dock | SearchBar | Actions] = {
            "deck": deck,
            "dock": dock,
            "search": self._search,
            "filter": FilterActions(*context),
            "source": self._source,
            "record": self._record,
            "compare": CompareActions(*context),
            "topic": TopicActions(*context, workbenches, self._requests, self._source, recent),
        }

    def _detail(self) -> RecordDetail:
        return RecordDetail(lambda: self._dock.view, self._workbench.explain)

    def _tabs(self) -> tuple[Tab, ...]:
        """The tabs of the dock, from left to right."""
        return (
            self._panel,
            ChangesPanel(self._snapshot, self._deck),
            BuildsPanel(self._deck, self._workbench),
            MessagesPanel(self._errors),
            PrintedPanel(),
            PlotPanel(self._snapshot),
            FieldsPanel(self._deck),
            TimePanel(self._deck),
            self._lesson,
        )

    def compose(self) -> ComposeResult:
        work = Beside(self._deck, self._editor, self._side)
        yield from (self._title, self._notice, work, self._search, self._dock, self._errors)
        yield KeyBar(self.app.size.width)

    def on_mount(self) -> None:
        self.set_focus(self._deck.current.view)
        if self._begins_lesson:
            self._dock.open(self._lesson)
        self.ticks = Ticks(self.set_interval(1 / TICKS_PER_SECOND, self._tick))
        self._workbench.start(Waker(asyncio.get_running_loop(), self._hear))
        if self._snapshot.broker is not None:
            # Its state changes by itself, and while nothing comes.
            self.set_interval(BROKER_SECONDS, self._look_at_broker)
        self._draw()

    # Drawing.

    def _look_at_broker(self) -> None:
        newest = self._workbench.snapshot()
        broker = newest.broker
        if broker != self._snapshot.broker or (broker is not None and broker.connection.state != "connected"):
            self._draw(newest)

    def _hear(self) -> None:
        """Note a wake: there are many for each frame, and a message for each would cost as much as a look."""
        if wait := self._pace.wait:
            self._late.start(wait)
        else:
            self.post_message(self.Woken())

    def on_dashboard_woken(self) -> None:
        """Draw at once after a calm, otherwise as soon as another frame is due."""
        self.ticks.go_on()
        wait = self._pace.wait
        if not wait:
            snapshot = self._workbench.snapshot()
            wait = self._pace.wait_with(snapshot, self._deck.size.height)
            if not wait:
                self._draw(snapshot)
                return
        self._late.start(wait)

    def on_search_bar_searching(self) -> None:
        self._pace.hurry()
        self.on_dashboard_woken()

    def _tick(self) -> None:
        """Draw what changes with time alone, such as rates."""
        if self._pace.tick_due:
            self._draw()
        if not self._deck.columns.ages:
            self.ticks.rest()

    def _draw(self, newest: WorkbenchSnapshot | None = None) -> None:
        """Draw a snapshot, or else the newest."""
        newest = newest or self._workbench.snapshot()
        snapshot = self._snapshot = self._readings.settle(newest)
        drawn = [
            self._notice.show(snapshot.notice),
            self._deck.show(snapshot),
            self._title.show(
                snapshot,
                lock=self._deck.together.words,
                times=self._deck.columns.times_said,
                constants=self._deck.columns.guess.constants,
            ),
            self._editor.show(snapshot),
            self._search.show(),
            self._errors.show(snapshot, self._deck.current.consumer),
            self._dock.show(snapshot),
            self._side.show(),
        ]
        self._note_steps()
        changed = any(drawn)
        self._pace.drew(newest, changed=changed)
        if changed or not snapshot.at_rest:
            self.ticks.go_on()
        self._requests.arrive(snapshot)
        self._tell_engine()
        self._offer_keys()
        if isinstance(self.app.screen, ShowsSnapshots):
            self.app.screen.show_snapshot(snapshot)

    def _note_steps(self) -> None:
        if isinstance(self._dock.front, ChangesPanel):
            self._lesson.note(Step.CHANGES)
        if self._search.search is not None and not self._search.has_focus_within:
            self._lesson.note(Step.SEARCH)

    def _tell_engine(self) -> None:
        self._requests.show(self._snapshot, self._deck.views, self._search.search)

    def _offer_keys(self) -> None:
        """Bring the footer up to date, but only if it is not: that is slow."""
        current = self._deck.current
        edits = self._actors["filter"].check_action("edit", ())
        offered = (current.view.following, current.consumer is None, edits, *self._dock.offers())
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    # What the parts tell.

    on_record_view_scrolled = _tell_engine

    def on_deck_turned(self) -> None:
        self._draw()

    def on_dock_turned(self) -> None:
        self._errors.make_room(self._dock.front)
        self._draw()

    def on_search_bar_changed(self) -> None:
        for view in (*self._deck.views, *self._dock.views):
            view.mark(self._search.search)
        if self._search.search is None:
            self._deck.show_narrowed()
        self._draw()

    def on_fields_panel_chosen(self, message: FieldsPanel.Chosen) -> None:
        """Show only the records of a group, whatever their verdicts are."""
        self._search.find(message.matcher, message.words)
        self._deck.show_all()
        self.on_search_bar_changed()
        self._deck.show_hits(alone=True)

    def on_search_bar_submitted(self) -> None:
        self._search.go_to_match()
        self._draw()

    def on_record_view_moved(self, message: RecordView.Moved) -> None:
        """Show at once that a pane was paused or follows. Panes go along with a list of the dock.

        Only heads are drawn here: a snapshot copies the verdicts of every filter, too much for each key.
        """
        listed = message.view in self._dock.views
        if (listed or self._deck.together.locked) and not message.view.alone:
            self._deck.together.go_along(message.view)
        self._deck.show_heads()
        self._tell_engine()
        self._offer_keys()
        self._panel.show(self._snapshot)
        self._side.show()
        self.ticks.go_on()

    def on_record_view_near_top(self, message: RecordView.NearTop) -> None:
        # A list of the dock has nothing from before the window, nor what a broker evaluates.
        consumer = self._snapshot.consumer(message.view.consumer)
        remote = consumer is not None and consumer.remote
        if message.view not in self._dock.views and not remote:
            self._requests.near_top(message.view)
            self._tell_engine()

    def on_changes_view_asked(self, message: ChangesView.Asked) -> None:
        self.action_on("compare", message.action)

    def on_record_view_opened(self) -> None:
        self.action_on("record", "inspect")

    def on_resize(self, event: events.Resize) -> None:
        self._record.fit(event.size.width)

    # The record beside the panes.

    def on_value_view_left(self) -> None:
        self.set_focus(self._deck.current.view)

    def on_value_view_filter_wanted(self, message: ValueView.FilterWanted) -> None:
        self._record.begin_filter(message.field)

    # The editor.

    def on_source_editor_saving(self) -> None:
        self._source.save()

    def on_source_editor_left(self) -> None:
        self.set_focus(self._deck.current.view)

    def on_source_editor_changed_outside(self) -> None:
        self._source.notice_other_version()

    def when_saved(self, then: Then) -> None:
        """Do something once no changes of a source are unsaved."""
        self._source.when_saved(then)

    # Actions.

    def on_key(self, event: events.Key) -> None:
        if why := self._idle.why(event.key, lambda: self.active_bindings):
            self.notify(why, timeout=IDLE_SECONDS, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "on":
            target, name, *arguments = parameters
            return self._actors[str(target)].check_action(str(name), tuple(arguments))
        parts = (self._search, self._dock, self._side, self._editor, self._notice)
        return action != "close_panel" or any(part.display for part in parts)

    def action_on(self, target: str, action: str, *arguments: object) -> None:
        """Have a part of the dashboard do what it can do, and draw what that changed."""
        getattr(self._actors[target], f"action_{action}")(*arguments)
        self._draw()

    def on_error_panel_opened(self) -> None:
        self._dock.open(self._dock.tab(MessagesPanel))

    def action_help(self) -> None:
        self.app.push_screen(Help(self._keys))

    def action_close_panel(self) -> None:
        """Close the search, else the tab in front, else the record, else the editor, else the notice."""
        if self._search.display:
            self._search.close()
        elif self._dock.close_front() or self._record.close_detail():
            pass
        elif self._editor.display:
            self._source.close()
        else:
            self._notice.display = False
        self.set_focus(self._deck.current.view)

    on_search_bar_cancelled = action_close_panel
