"""The screen: draws snapshots of its topics as they come, and sends actions to the parts that act."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.flow.seen_pieces import SeenPieces
from tui.dashboard.keys.bindings import bindings, pane_bindings
from tui.dashboard.keys.idle_keys import IDLE_SECONDS, IdleKeys
from tui.dashboard.present.lesson import Step
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.actions.compare import CompareActions
from tui.dashboard.screens.actions.filter import FilterActions
from tui.dashboard.screens.actions.record import RecordActions
from tui.dashboard.screens.actions.rows import RowsActions
from tui.dashboard.screens.actions.source import SourceActions, Then
from tui.dashboard.screens.actions.topic import TopicActions
from tui.dashboard.screens.dashboard_parts import Parts
from tui.dashboard.screens.frames import Frames
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.screens.ready_screen import ReadyScreen
from tui.dashboard.screens.scrollback_requests import ScrollbackRequests
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel, ChangesView
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.fields_panel import FieldsPanel
from tui.dashboard.widgets.panels.messages_panel import MessagesPanel
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panels.time_panel import TimeBars
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.key_bar import KeyBar
from tui.dashboard.widgets.parts.value_view import ValueView
from tui.dashboard.widgets.rows.record_view import RecordView

if TYPE_CHECKING:
    from engine.live.workbench import Workbenches


class Dashboard(ReadyScreen[None]):
    """One topic or several: the raw stream of each, its filters, and what is wrong with them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dashboard"), *pane_bindings()]

    def __init__(
        self,
        deck: Deck,
        notice: str = "",
        keys: Sequence[Binding] = (),
        workbenches: "Workbenches | None" = None,
        *,
        lesson: bool = False,
        recent: Sequence[Path] = (),
        broker_color: str = "",
    ) -> None:
        """`keys` are the current ones of every action; `workbenches` open other topics.

        `recent` are files to offer as filters. `broker_color` is that of the broker's profile.
        """
        super().__init__()
        self._compositor = SeenPieces()
        self._keys = keys
        self.frames = Frames(self, deck, self._draw)
        self._offered: object = None
        self._idle = IdleKeys(keys)
        self._requests = {topic: ScrollbackRequests(topic.workbench) for topic in deck.topics}
        self._deck = deck
        self._parts = parts = Parts.around(deck, notice, broker_color)
        self._begins_lesson = lesson
        context = (self, Asking(self, self._draw), deck, parts.dock, parts.lesson)
        self._source = SourceActions(*context, parts.editor)
        self._record = RecordActions(*context, parts.panel, parts.side)
        self._rows = RowsActions(*context)
        self._topic = TopicActions(*context, workbenches, self._requests, self._source, recent)
        self._actors: dict[str, Deck | Dock | SearchBar | Actions] = {
            "deck": deck,
            "rows": self._rows,
            "dock": parts.dock,
            "search": parts.search,
            "filter": FilterActions(*context),
            "source": self._source,
            "record": self._record,
            "compare": CompareActions(*context),
            "topic": self._topic,
        }

    def compose(self) -> ComposeResult:
        yield from self._parts.compose()
        yield KeyBar(self.app.size.width)

    def on_mount(self) -> None:
        self.set_focus(self._deck.current.view)
        if self._begins_lesson:
            self._parts.dock.open(self._parts.lesson)
        self.frames.start()
        self._draw()

    # Its topics.

    def open_topic(self, topic: OpenTopic, instead: OpenTopic | None, notice: str) -> None:
        """Show the panes of another topic, at the right or instead of those of one that is shown."""
        if notice:
            self._parts.notice.tell(notice)
        self._deck.open(topic, instead)
        self._requests[topic] = ScrollbackRequests(topic.workbench)
        if instead is not None:
            self._forget(instead)
        self.frames.follow(topic)
        self._draw()

    def close_topic(self, topic: OpenTopic) -> None:
        """Close the panes of a topic; there is another one."""
        self._deck.close(topic)
        self._forget(topic)
        self._draw()

    def _forget(self, topic: OpenTopic) -> None:
        del self._requests[topic]
        self._source.close_of(topic.snapshot)

    # Drawing.

    def on_frames_woken(self) -> None:
        self.frames.look()

    def on_search_bar_searching(self) -> None:
        self.frames.hurry()

    def _draw(self, newest: Sequence[WorkbenchSnapshot] = ()) -> None:
        """Draw snapshots, one of each topic, or else the newest."""
        newest = newest or self.frames.newest()
        topics = self._deck.topics
        for topic, one in zip(topics, newest, strict=True):
            topic.take(one)
        shown = [self._deck.show(), self._mark_new_panes()]
        snapshot = self._deck.snapshot
        others = (topic.snapshot for topic in topics if topic is not self._deck.topic)
        drawn = [*shown, self._parts.show((snapshot, *others))]
        self._note_steps()
        self.frames.drew(newest, changed=any(drawn))
        for topic, requests in self._requests.items():
            requests.arrive(topic.snapshot)
        self._tell_engine()
        self._offer_keys()
        if isinstance(self.app.screen, Inspector):
            self.app.screen.show_again()

    def _mark_new_panes(self) -> bool:
        """Have panes that were opened meanwhile show what is searched for; whether there are any."""
        new = [
            pane
            for pane in self._deck.panes
            if pane.view.is_attached and pane.view.search is not self._parts.search.search_in(pane.topic)
        ]
        for pane in new:
            pane.view.mark(self._parts.search.search_in(pane.topic))
        return bool(new)

    def _note_steps(self) -> None:
        if isinstance(self._parts.dock.front, ChangesPanel):
            self._parts.lesson.note(Step.CHANGES)
        if self._parts.search.search is not None and not self._parts.search.has_focus_within:
            self._parts.lesson.note(Step.SEARCH)

    def _tell_engine(self) -> None:
        for topic, requests in self._requests.items():
            views = [pane.view for pane in self._deck.panes_of(topic)]
            requests.show(topic.snapshot, views, self._parts.search.search_in(topic))

    def _offer_keys(self) -> None:
        """Bring the footer up to date, but only if it is not: that is slow."""
        current = self._deck.current
        edits = self._actors["filter"].check_action("edit", ())
        offered = (current.view.following, current.consumer is None, edits, *self._parts.dock.offers())
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    # What the parts tell.

    on_record_view_scrolled = _tell_engine

    def on_deck_turned(self) -> None:
        self._draw()

    def on_dock_turned(self) -> None:
        self._parts.errors.make_room(self._parts.dock.front)
        self._draw()

    def on_search_bar_changed(self) -> None:
        for pane in self._deck.panes:
            pane.view.mark(self._parts.search.search_in(pane.topic))
        for view in self._parts.dock.views:
            view.mark(self._parts.search.search)
        if self._parts.search.search is None:
            self._rows.show_narrowed()
        self._draw()

    def on_fields_panel_chosen(self, message: FieldsPanel.Chosen) -> None:
        """Show only the records of a group, whatever their verdicts are."""
        self._parts.search.find(message.matcher, message.words)
        self._rows.show_all()
        self.on_search_bar_changed()
        self._rows.show_hits(alone=True)

    def on_search_bar_submitted(self) -> None:
        self._parts.search.go_to_match()
        self._draw()

    def on_search_bar_found_in_log(self, message: SearchBar.FoundInLog) -> None:
        if message.topic is self._deck.topic:
            self._topic.go_to_hit(message.topic, message.hit)

    def on_time_bars_went_to(self, message: TimeBars.WentTo) -> None:
        self._topic.go_to_time(message.moment)

    def on_record_view_moved(self, message: RecordView.Moved) -> None:
        """Show at once that a pane was paused or follows. Panes go along with a list of the dock.

        Only heads are drawn here: a snapshot copies the verdicts of every filter, too much for each key.
        """
        listed = message.view in self._parts.dock.views
        if (listed or self._deck.together.locked) and not message.view.alone:
            self._deck.together.go_along(message.view)
        self._deck.show_heads()
        self._tell_engine()
        self._offer_keys()
        self._parts.panel.show(self._deck.snapshot)
        self._parts.side.show()
        self.frames.ticks.go_on()

    def on_record_view_near_top(self, message: RecordView.NearTop) -> None:
        # A list of the dock has nothing from before the window, nor what a broker evaluates.
        for pane in self._deck.panes:
            consumer = pane.topic.snapshot.consumer(pane.consumer)
            if pane.view is message.view and not (consumer is not None and consumer.remote):
                self._requests[pane.topic].near_top(message.view)
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
        parts = self._parts
        closed = (parts.search, parts.dock, parts.side, parts.editor, parts.notice)
        return action != "close_panel" or any(part.display for part in closed)

    def action_on(self, target: str, action: str, *arguments: object) -> None:
        """Have a part of the dashboard do what it can do, and draw what that changed."""
        getattr(self._actors[target], f"action_{action}")(*arguments)
        self._draw()

    def on_error_panel_opened(self) -> None:
        self._parts.dock.open(self._parts.dock.tab(MessagesPanel))

    def action_help(self) -> None:
        self.app.push_screen(Help(self._keys))

    def action_close_panel(self) -> None:
        """Close the search, else the tab in front, else the record, else the editor, else the notice."""
        if self._parts.search.display:
            self._parts.search.leave()
        elif self._parts.dock.close_front() or self._record.close_detail():
            pass
        elif self._parts.editor.display:
            self._source.close()
        else:
            self._parts.notice.display = False
        self.set_focus(self._deck.current.view)

    on_search_bar_cancelled = action_close_panel
