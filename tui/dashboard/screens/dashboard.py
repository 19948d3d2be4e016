"""The screen with everything on it: draws snapshots as they come, and turns keys into actions."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.window import WindowSnapshot
from tui.dashboard.flow.clipboard import copy_value
from tui.dashboard.flow.dialogues import Dialogues
from tui.dashboard.flow.frame_rate import FRAMES_PER_SECOND, TICKS_PER_SECOND, Pace, Ticks, Waker
from tui.dashboard.flow.scrollback_requests import ReadingBack
from tui.dashboard.keys.bindings import BINDINGS
from tui.dashboard.present import paces
from tui.dashboard.present.lesson import Step
from tui.dashboard.present.throttled_numbers import Readings
from tui.dashboard.screens.builds import Builds
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.screens.messages import Messages
from tui.dashboard.widgets.panels.drawer import Drawer
from tui.dashboard.widgets.panels.error_panel import ErrorPanel
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.panes.filter_view import find
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.parts.key_bar import KeyBar
from tui.dashboard.widgets.parts.notice_bar import NoticeBar
from tui.dashboard.widgets.parts.title_bar import TitleBar

if TYPE_CHECKING:
    from engine.live.evaluation.live_consumer import LiveConsumer
    from engine.live.workbench import Workbench, Workbenches

_OF_A_FILTER = frozenset({"edit", "rebuild", "builds", "close_filter", "move_filter", "faster", "slower"})


class Dashboard(Screen[None]):
    """One topic: the raw stream, its filters, and what is wrong with them."""

    BINDINGS = BINDINGS

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
    ) -> None:
        """`keys` are those of every action, as they are now; `workbenches` are the way to other topics."""
        super().__init__()
        self._workbench = workbench
        self._keys = keys
        self._snapshot = workbench.snapshot()
        self._readings = Readings()
        self._pace = Pace(FRAMES_PER_SECOND)
        self._late: Timer | None = None
        """Draws what came too soon after the last frame."""
        self._offered: tuple[bool | None, ...] = (True, True, False, False, False)
        self._dialogues = Dialogues(self, workbench, workbenches, self._draw)
        self._reading_back = ReadingBack(workbench)
        self._title = TitleBar()
        self._notice = NoticeBar(notice)
        self._deck = Deck(self._snapshot)
        self._drawer = Drawer(self._snapshot)
        self._drawer.lesson.display = lesson
        self._errors = ErrorPanel()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._title
        yield self._notice
        yield self._deck
        yield self._drawer
        yield self._errors
        yield KeyBar(self.app.size.width)

    def on_mount(self) -> None:
        """Begin to draw, and let the engine begin."""
        self._deck.current.view.focus()
        self.ticks = Ticks(self.set_interval(1 / TICKS_PER_SECOND, self._tick))
        self._workbench.start(Waker(asyncio.get_running_loop(), lambda: self.post_message(self.Woken())))
        self._draw()

    def on_dashboard_woken(self) -> None:
        """Draw at once after a calm, and otherwise as soon as another frame is due."""
        self.ticks.go_on()
        wait = self._pace.wait
        if not wait:
            if self._draw():
                self._pace.drew()
        elif self._late is None:
            self._late = self.set_timer(wait, self._draw_late)

    def _draw_late(self) -> None:
        self._late = None
        self.on_dashboard_woken()

    def _tick(self) -> None:
        """Draw what changes with time alone, such as rates.

        That does not count as a frame, or the verdicts of a reload would often wait for the next one; it does
        where a wake is waiting, whose frame this is.
        """
        if self._pace.due and self._draw() and self._late is not None:
            self._pace.drew()
        self.ticks.rest()

    def _draw(self) -> bool:
        """Hand the newest snapshot to whoever shows a part of it; whether anything changed."""
        snapshot = self._snapshot = self._readings.settle(self._workbench.snapshot())
        drawn = [
            self._title.show(snapshot, locked=self._deck.locked),
            self._deck.show(snapshot),
            self._drawer.show(snapshot, self._deck.current.consumer, self._searched),
            self._errors.show(snapshot, self._deck.current.consumer),
        ]
        changed = any(drawn)
        if changed or not snapshot.at_rest:
            self.ticks.go_on()
        self._reading_back.show(snapshot, self._deck.views)
        self._offer_keys()
        if changed and isinstance(self.app.screen, Inspector):
            self.app.screen.show()
        if isinstance(self.app.screen, Builds):
            self.app.screen.show(snapshot)
        return changed

    def on_deck_turned(self) -> None:
        """Other keys matter now, and perhaps another error."""
        self._draw()

    def on_record_view_moved(self, message: RecordView.Moved) -> None:
        """A pane was paused or follows again: its head says so at once. Panes go along with the changes."""
        if message.view is self._drawer.changes.view or self._deck.locked:
            self._deck.go_along(message.view)
        self._reading_back.forget(self._deck.views)
        self._draw()

    def on_record_view_near_top(self, message: RecordView.NearTop) -> None:
        """A person scrolls back: read on before the window, where that is not all there is."""
        # The list of changes has nothing from before the window.
        if message.view is not self._drawer.changes.view:
            self._reading_back.near_top(message.view)
            self._reading_back.show(self._snapshot, self._deck.views)

    def _offer_keys(self) -> None:
        """Bring the footer up to date, where it is not: that is slow."""
        offered = (
            self._deck.current.view.following,
            self._deck.current.consumer is None,
            self.check_action("edit", ()),
            *self._drawer.offers(self._snapshot),
        )
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def on_error_panel_opened(self) -> None:
        """A click on the messages."""
        self.action_message()

    def on_record_view_opened(self) -> None:
        """A double click."""
        self.action_inspect()

    # Which actions there are.

    @property
    def _view(self) -> RecordView:
        changes = self._drawer.changes.view
        return changes if changes.has_focus else self._deck.current.view

    @property
    def _searched(self) -> WindowSnapshot:
        """What a search goes through: the window, or what a pane shows of which some is not in it."""
        view = self._deck.current.view
        elsewhere = view.content.left or view.shown.window.before is not None
        return view.shown.window if elsewhere else self._snapshot.window

    @property
    def _consumer(self) -> ConsumerSnapshot | None:
        identity = self._deck.current.consumer
        return None if identity is None else find(self._snapshot, identity)

    @property
    def _live_consumer(self) -> "LiveConsumer | None":
        identity = self._deck.current.consumer
        return None if identity is None else self._workbench.consumer(identity)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave out what cannot be done now."""
        if action in _OF_A_FILTER:
            return self._consumer is not None and (action != "edit" or self._consumer.path is not None)
        changes, printed = self._drawer.offers(self._snapshot)
        possible = {
            "pause": self._deck.current.view.following,
            "follow": not self._deck.current.view.following,
            "pace": bool(self._snapshot.consumers),
            "lock": self._deck.locked or len(self._deck.panes) > 1,
            "message": bool(self._errors.troubles),
            "put_away": self._notice.display or any(self._drawer.open_parts),
            "topics": self._dialogues.knows_topics,
            "maximise": not self._deck.alone and len(self._deck.panes) > 1,
            "restore": self._deck.alone,
            "seek": self._drawer.search.search is not None,
            "changes": changes,
            "printed": printed,
        }
        return possible.get(action, True)

    # The actions.

    def action_pause(self) -> None:
        """Keep every pane still."""
        self._deck.pause()

    def action_follow(self) -> None:
        """Show the newest records in every pane."""
        self._deck.follow()

    def action_lock(self) -> None:
        """Lock the panes together by offset, or no longer."""
        self._deck.toggle_lock()
        self._draw()

    def action_turn(self, step: int) -> None:
        """Go to a pane beside this one."""
        self._deck.turn(step)

    def action_turn_to(self, number: int) -> None:
        """Go to the pane of a number."""
        pane = self._deck.pane_of(number or None)
        if pane is not None:
            self._deck.turn_to(pane)

    def action_maximise(self) -> None:
        """Show this pane alone, or all of them again."""
        self._deck.toggle_alone()

    action_restore = action_maximise

    def action_move_filter(self, step: int) -> None:
        """Let the filter change places with the one beside it."""
        if self._consumer is not None:
            self._workbench.move(self._consumer.id, step)
            self._draw()

    def action_inspect(self) -> None:
        """Open the record under the cursor."""
        row = self._view.selected
        if row is not None:
            self._view.select(row)
            self._drawer.lesson.note(Step.INSPECT)
            changes = self._drawer.changes.view
            consumer = changes.consumer if self._view is changes else self._deck.current.consumer
            self.app.push_screen(Inspector(self._view, consumer))

    def action_copy(self) -> None:
        """Copy the value of the record under the cursor."""
        record = self._view.record
        if record is not None:
            copy_value(self.app, record)

    def action_edit(self) -> None:
        """Open the filter in the person's editor."""
        if self._consumer is not None and self._consumer.path is not None:
            self._dialogues.edit(self._consumer.path)

    def action_rebuild(self) -> None:
        """Build the filter again, saved or not."""
        if self._live_consumer is not None:
            self._live_consumer.rebuild()

    def action_pace(self) -> None:
        """Ask how fast the filter is to evaluate, and from where; in the raw pane of any filter."""
        consumers = self._snapshot.consumers if self._consumer is None else (self._consumer,)
        self._dialogues.pace(consumers, self._deck.current.view.cursor, self._deck.follow)

    def action_faster(self) -> None:
        """Let the filter evaluate at the next pace above."""
        if self._consumer is not None:
            self._set_rate_limit(paces.faster(self._consumer.rate_limit))

    def action_slower(self) -> None:
        """Let the filter evaluate at the next pace below."""
        if self._consumer is not None:
            self._set_rate_limit(paces.slower(self._consumer.rate_limit))

    def _set_rate_limit(self, per_second: float | None) -> None:
        if self._live_consumer is not None:
            self._live_consumer.set_rate_limit(per_second)
            self._draw()

    def action_builds(self) -> None:
        """Compare the builds of the filter, and go back to one."""
        live = self._live_consumer
        if live is not None:
            self.app.push_screen(Builds(self._snapshot, live.id, live.use))

    def action_close_filter(self) -> None:
        """Close the filter's pane."""
        if self._consumer is not None:
            self._workbench.remove(self._consumer.id)
            self._draw()

    def action_add(self) -> None:
        """Ask for a filter, and open a pane for it."""
        self._dialogues.add()

    def action_produce(self) -> None:
        """Ask for a record, and append it to the topic."""
        self._dialogues.produce(self._snapshot.topic, self._view)

    def action_topics(self) -> None:
        """Ask for another topic, and go there."""
        self._dialogues.change_topic(self._snapshot.topic)

    def action_replay(self) -> None:
        """Ask from where to read the topic again."""
        self._dialogues.replay(self.action_follow)

    def action_go_to(self) -> None:
        """Ask for an offset or a time, and go there."""
        view = self._deck.current.view
        self._dialogues.go_to(lambda target: self._reading_back.go(view, target))

    def action_save(self) -> None:
        """Ask for a file, and write the records of this pane to it."""
        self._dialogues.save(self._view, self._snapshot.topic, self._consumer)

    def action_message(self) -> None:
        """Show the whole of what the error panel shows a part of."""
        self.app.push_screen(Messages(self._errors.troubles))

    def action_search(self) -> None:
        """Type what to search for."""
        self._drawer.search.open()
        self._draw()

    def on_search_bar_changed(self) -> None:
        """Mark what is searched for now."""
        for view in (*(pane.view for pane in self._deck.panes), self._drawer.changes.view):
            view.mark(self._drawer.search.search)
        self._draw()

    def on_search_bar_searching(self) -> None:
        """Search on, a frame later."""
        self.on_dashboard_woken()

    def on_search_bar_submitted(self) -> None:
        """Go to a hit."""
        self._view.focus()
        self.action_seek(0)

    def on_search_bar_cancelled(self) -> None:
        """Back to the records."""
        self.action_put_away()

    def action_seek(self, step: int) -> None:
        """Go to another hit."""
        hits = self._drawer.search.all_hits(self._searched)
        if hits is not None:
            if not self._view.seek(hits, step):
                self.notify("nothing here matches", markup=False)
            self._draw()

    def action_changes(self) -> None:
        """Open or close the list of what the last reload changed."""
        if not self._drawer.toggle_changes(self._snapshot, self._deck.current.consumer):
            self._deck.current.view.focus()
        self._draw()

    def action_printed(self) -> None:
        """Open or close the panel of printed lines."""
        if not self._drawer.toggle_printed(self._snapshot):
            self._deck.current.view.focus()
        self._draw()

    def action_plot(self) -> None:
        """Open or close the plots of throughput and pass rates."""
        self._drawer.toggle_plot(self._snapshot)
        self._deck.current.view.focus()
        self._draw()

    def action_lesson(self) -> None:
        """Teach the loop, or no longer."""
        self._drawer.lesson.toggle()
        self._draw()

    def action_help(self) -> None:
        """Show the keys and the signs."""
        self.app.push_screen(Help(self._keys))

    def action_put_away(self) -> None:
        """Close the search, a panel, or the notice at the top."""
        if not self._drawer.close_first():
            self._notice.display = False
        self._deck.current.view.focus()
