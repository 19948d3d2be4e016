"""The panes side by side: as many as fit, the others behind tabs."""

from collections.abc import Iterator

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present import format
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.pane_tabs import PaneTabs, Tab
from tui.dashboard.widgets.panes.record_view import RecordView


class Deck(Vertical):
    """Holds the raw pane and a pane per consumer, and decides which are in sight.

    The raw pane stays in sight wherever two panes fit: a filter is read against it.
    """

    class Turned(Message):
        """Another pane has the focus, or panes came or went."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.panes = [Pane(snapshot, None), *(Pane(snapshot, one.id) for one in snapshot.consumers)]
        self.current = self.panes[0]
        """The pane that has the focus, or had it last."""
        self._front = self.panes[-1] if len(self.panes) == 1 else self.panes[1]
        """The filter's pane that had the focus last."""
        self.alone = False
        """Whether the pane that has the focus is the only one in sight, wide as the screen may be."""
        self.locked = False
        """Whether a record that is chosen in one pane is shown in all."""
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
        return next((one for one in self.consumers if one.id == self.current.consumer), None)

    @property
    def views(self) -> list[RecordView]:
        """The rows of every pane."""
        return [pane.view for pane in self.panes]

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; whether anything changed on the screen."""
        self.snapshot = snapshot
        changed = self._match(snapshot)
        for pane in self.panes:
            if pane.display:
                changed = pane.show(snapshot) or changed
        return self._label() or changed

    def turn_to(self, pane: Pane) -> None:
        """Bring a pane into sight and give it the focus, unless it has been closed meanwhile."""
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
        """Go `step` panes to the right, round the end."""
        position = self.panes.index(self.current) + step
        self.turn_to(self.panes[position % len(self.panes)])

    def pause(self) -> None:
        """Keep every pane still."""
        for pane in self.panes:
            pane.view.pause()

    def follow(self, consumer: int | None = None) -> None:
        """Show the newest records in every pane, or in that of a consumer."""
        for pane in self.panes:
            if consumer in (None, pane.consumer):
                pane.view.follow()

    def toggle_lock(self) -> None:
        """Lock the panes together, or no longer."""
        self.locked = not self.locked
        if self.locked:
            self.go_along(self.current.view)

    def go_along(self, view: RecordView) -> None:
        """Show in every pane the record that was chosen in a view; locked ones follow with it, too."""
        if view.cursor is not None:
            for other in self._others(view):
                other.mirror_cursor(view.cursor)
        elif self.locked and view.following:
            self.follow()

    def on_record_view_scrolled(self, message: RecordView.Scrolled) -> None:
        """Locked panes have the same record topmost, or the next one that they show."""
        message.stop()
        row = message.view.viewport.topmost
        if self.locked and row is not None:
            for other in self._others(message.view):
                other.mirror_top(row)

    def _others(self, view: RecordView) -> Iterator[RecordView]:
        """The views of the other panes, with the newest records also where they are out of sight."""
        for pane in self.panes:
            if pane.view is not view:
                if not pane.display:
                    pane.show(self.snapshot)
                yield pane.view

    def toggle_alone(self) -> None:
        """Show the pane that has the focus alone, or the others again."""
        self.alone = not self.alone
        self._arrange()

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
    action_maximise = action_restore = toggle_alone

    def action_turn_to(self, number: int) -> None:
        """Go to the pane of a consumer, or to the raw pane for 0."""
        pane = self.pane_of(number or None)
        if pane is not None:
            self.turn_to(pane)

    def pane_of(self, consumer: int | None) -> Pane | None:
        """The pane of a consumer, or of the raw stream."""
        return next((pane for pane in self.panes if pane.consumer == consumer), None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click into a pane turns to it."""
        pane = next((pane for pane in self.panes if pane.view is event.widget), None)
        if pane is not None and pane is not self.current:
            self.turn_to(pane)

    def on_pane_tabs_chosen(self, message: PaneTabs.Chosen) -> None:
        """A click on a tab turns to its pane."""
        self.turn_to(self.panes[message.position])

    def on_resize(self) -> None:
        """Another width holds another number of panes."""
        self._arrange()

    def _match(self, snapshot: WorkbenchSnapshot) -> bool:
        """Open and close panes as consumers come and go."""
        wanted = [None, *(consumer.id for consumer in snapshot.consumers)]
        held = [pane.consumer for pane in self.panes]
        if wanted == held:
            return False
        for pane in [pane for pane in self.panes if pane.consumer not in wanted]:
            self._close(pane)
        for consumer in wanted:
            if consumer not in held:
                self._open(Pane(snapshot, consumer))
        self._sort(wanted)
        return True

    def _sort(self, wanted: list[int | None]) -> None:
        """Let the panes stand in the order of the consumers."""
        if [pane.consumer for pane in self.panes] != wanted:
            self.panes.sort(key=lambda pane: wanted.index(pane.consumer))
            self._row.sort_children(key=lambda child: self.panes.index(child))  # type: ignore[arg-type]
            self._arrange()

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

    def _arrange(self) -> None:
        """Decide which panes are in sight."""
        room = max(self.size.width // Pane.LEAST_WIDTH, 1)
        in_sight = self._in_sight(room)
        for pane in self.panes:
            shown = pane in in_sight
            pane.display = shown
            if shown:
                pane.show(self.snapshot)
        self._tabs.display = len(in_sight) < len(self.panes)
        self._label()

    def _in_sight(self, room: int) -> list[Pane]:
        if self.alone or room == 1:
            return [self.current]
        if room >= len(self.panes):
            return self.panes
        filters = self.panes[1:]
        front = filters.index(self._front) if self._front in filters else 0
        start = min(max(front - room + 2, 0), len(filters) - room + 1)
        return [self.panes[0], *filters[start : start + room - 1]]

    def _label(self) -> bool:
        """Write the tabs, where they are shown; whether one changed."""
        if not self._tabs.display:
            return False
        tabs = tuple(self._tab(pane) for pane in self.panes)
        changed = tabs != self._tabs.tabs
        self._tabs.tabs = tabs
        return changed

    def _tab(self, pane: Pane) -> Tab:
        consumer = next((one for one in self.snapshot.consumers if one.id == pane.consumer), None)
        if consumer is None:
            return Tab("0 raw", "", "$foreground", "", pane.display)
        return Tab(
            f"{consumer.id} {format.clip(format.harmless(consumer.name), 20)}",
            STATE_SIGNS[consumer.state],
            f"$filter-{filter_colour(consumer.id)}",
            STATE_COLOURS[consumer.state],
            pane.display,
        )
