"""The panes side by side: as many as fit, the others behind tabs."""

from collections.abc import Iterator

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.pane_tabs import PaneTabs, Tab
from tui.dashboard.widgets.panes.record_view import RecordView


class Deck(Vertical):
    """Holds the raw pane and one pane per consumer, and decides which are in view.

    The raw pane stays in view if two panes fit: a filter is read against it.
    """

    class Turned(Message):
        """Another pane has the focus, or panes were opened or closed."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.panes = [Pane(snapshot, None), *(Pane(snapshot, one.id) for one in snapshot.consumers)]
        self.current = self.panes[0]
        """The pane that has the focus, or had it last."""
        self._front = self.panes[-1] if len(self.panes) == 1 else self.panes[1]
        """The filter's pane that had the focus last."""
        self.alone = False
        """Whether only the current pane is in view, however wide the screen is."""
        self.locked = False
        """Whether a record that is selected in one pane is shown in all."""
        self._tabs = PaneTabs()
        self._row = Horizontal(id="panes")

    def compose(self) -> ComposeResult:
        """Tabs over panes."""
        yield self._tabs
        with self._row:
            yield from self.panes

    @property
    def consumers(self) -> tuple[ConsumerSnapshot, ...]:
        """All consumers, in the order of their panes."""
        return self.snapshot.consumers

    @property
    def consumer(self) -> ConsumerSnapshot | None:
        """The consumer of the current pane; None for the raw pane."""
        return self.snapshot.consumer(self.current.consumer)

    @property
    def views(self) -> list[RecordView]:
        """The records of every pane."""
        return [pane.view for pane in self.panes]

    def pane_of(self, consumer: int | None) -> Pane | None:
        """The pane of a consumer, or the raw pane."""
        return next((pane for pane in self.panes if pane.consumer == consumer), None)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; return whether anything changed on the screen."""
        self.snapshot = snapshot
        changed = self._match(snapshot)
        for pane in self.panes:
            if pane.display:
                changed = pane.show(snapshot) or changed
        return self._label() or changed

    def show_heads(self) -> None:
        """Draw the heads alone, after panes were paused or moved."""
        for pane in self.panes:
            if pane.display:
                pane.show_head(self.snapshot)

    # Which pane has the focus.

    def turn_to(self, pane: Pane) -> None:
        """Bring a pane into view and give it the focus, unless it was closed meanwhile."""
        if pane not in self.panes:
            return
        self.current = pane
        if pane.consumer is not None:
            self._front = pane
        # The focus first: hiding or removing what has it would send it anywhere.
        pane.display = True
        self.screen.set_focus(pane.view, scroll_visible=False)
        self._arrange()
        self.post_message(self.Turned())

    def turn(self, step: int) -> None:
        """Go `step` panes to the right, wrapping around."""
        position = self.panes.index(self.current) + step
        self.turn_to(self.panes[position % len(self.panes)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Turn to the pane that was clicked."""
        pane = next((pane for pane in self.panes if pane.view is event.widget), None)
        if pane is not None and pane is not self.current:
            self.turn_to(pane)

    def on_pane_tabs_chosen(self, message: PaneTabs.Chosen) -> None:
        """Turn to the pane whose tab was clicked."""
        self.turn_to(self.panes[message.position])

    # What all panes do together.

    def pause(self) -> None:
        """Pause every pane."""
        for view in self.views:
            view.pause()

    def follow(self, consumer: int | None = None) -> None:
        """Show the newest records in every pane, or in that of one consumer."""
        for pane in self.panes:
            if consumer in (None, pane.consumer):
                pane.view.follow()

    def toggle_lock(self) -> None:
        """Lock the panes together, or unlock them."""
        self.locked = not self.locked
        if self.locked:
            self.go_along(self.current.view)

    def go_along(self, view: RecordView) -> None:
        """Show the record selected in a view in every pane; locked panes also follow with it."""
        if view.cursor is not None:
            for other in self._others(view):
                other.mirror_cursor(view.cursor)
        elif self.locked and view.following:
            self.follow()

    def on_record_view_scrolled(self, message: RecordView.Scrolled) -> None:
        """Keep the same record, or the next one shown, at the top of locked panes."""
        row = message.view.viewport.topmost
        if self.locked and row is not None:
            for other in self._others(message.view):
                other.mirror_top(row)

    def _others(self, view: RecordView) -> Iterator[RecordView]:
        """The views of the other panes, with the newest records also if they are hidden."""
        for pane in self.panes:
            if pane.view is not view:
                if not pane.display:
                    pane.show(self.snapshot)
                yield pane.view

    # Actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether an action is possible now."""
        several = len(self.panes) > 1
        possible = {
            "pause": self.current.view.following,
            "follow": not self.current.view.following,
            "lock": self.locked or several,
            "maximise": several and not self.alone,
            "restore": self.alone,
        }
        return possible.get(action, True)

    action_pause = pause
    action_follow = follow
    action_lock = toggle_lock
    action_turn = turn

    def action_turn_to(self, number: int) -> None:
        """Go to the pane of a consumer, or to the raw pane for 0."""
        pane = self.pane_of(number or None)
        if pane is not None:
            self.turn_to(pane)

    def action_maximise(self) -> None:
        """Show the current pane alone, or the others again."""
        self.alone = not self.alone
        self._arrange()

    action_restore = action_maximise

    # Which panes there are, and which are in view.

    def _match(self, snapshot: WorkbenchSnapshot) -> bool:
        """Open, close and sort panes as the consumers are."""
        wanted = [None, *(consumer.id for consumer in snapshot.consumers)]
        present = [pane.consumer for pane in self.panes]
        if wanted == present:
            return False
        for pane in [pane for pane in self.panes if pane.consumer not in wanted]:
            self._close(pane)
        for consumer in wanted:
            if consumer not in present:
                self._open(Pane(snapshot, consumer))
        if [pane.consumer for pane in self.panes] != wanted:
            self.panes.sort(key=lambda pane: wanted.index(pane.consumer))
            self._row.sort_children(key=lambda child: self.panes.index(child))  # type: ignore[arg-type]
            self._arrange()
        return True

    def _open(self, pane: Pane) -> None:
        self.panes.append(pane)
        self._row.mount(pane)
        self.call_after_refresh(self.turn_to, pane)

    def _close(self, pane: Pane) -> None:
        position = self.panes.index(pane)
        self.panes.remove(pane)
        neighbour = self.panes[min(position, len(self.panes) - 1)]
        if self._front is pane:
            self._front = neighbour
        if self.current is pane:
            self.turn_to(neighbour)
        else:
            self._arrange()
        pane.remove()

    def on_resize(self) -> None:
        """Show as many panes as fit."""
        self._arrange()

    def _arrange(self) -> None:
        in_view = self._in_view(max(self.size.width // Pane.MIN_WIDTH, 1))
        for pane in self.panes:
            pane.display = pane in in_view
            if pane.display:
                pane.show(self.snapshot)
        self._tabs.display = len(in_view) < len(self.panes)
        self._label()

    def _in_view(self, room: int) -> list[Pane]:
        if self.alone or room == 1:
            return [self.current]
        if room >= len(self.panes):
            return self.panes
        filters = self.panes[1:]
        front = filters.index(self._front) if self._front in filters else 0
        start = min(max(front - room + 2, 0), len(filters) - room + 1)
        return [self.panes[0], *filters[start : start + room - 1]]

    def _label(self) -> bool:
        """Write the tabs, if they are shown; return whether one changed."""
        if not self._tabs.display:
            return False
        tabs = tuple(self._tab(pane) for pane in self.panes)
        changed = tabs != self._tabs.tabs
        self._tabs.tabs = tabs
        return changed

    def _tab(self, pane: Pane) -> Tab:
        consumer = self.snapshot.consumer(pane.consumer)
        if consumer is None:
            return Tab(title="0 raw", colour="$foreground", in_view=pane.display)
        return Tab(
            title=f"{consumer.id} {format.clip(format.harmless(consumer.name), 20)}",
            colour=f"$filter-{filter_colour(consumer.id)}",
            sign=STATE_SIGNS[consumer.state],
            sign_colour=STATE_COLOURS[consumer.state],
            in_view=pane.display,
        )
