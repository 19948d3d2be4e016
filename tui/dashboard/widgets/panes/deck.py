"""The panes side by side: as many as fit, the others behind tabs."""

import time
from collections.abc import Mapping, Sequence

from textual import events
from textual.containers import Horizontal, Vertical
from textual.message import Message

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.views import View
from tui import format
from tui.config.column_names import Name
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.columns.row_text import RowTexts
from tui.dashboard.present.columns.topic_columns import TopicColumns
from tui.dashboard.present.filter_colours import shown_name
from tui.dashboard.widgets.panes.filter_view import FilterView
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.pane_lock import PaneLock
from tui.dashboard.widgets.panes.pane_tabs import PaneTabs, Tab
from tui.dashboard.widgets.panes.record_view import RecordView

WIDER = 1.2
MOST = 8.0
"""Times as wide as another pane, or as narrow."""


class Deck(Vertical):
    """Holds the raw pane and one pane per consumer, and decides which are in view.

    The raw pane stays in view if two panes fit: a filter is read against it.
    """

    class Turned(Message):
        """Another pane has the focus, or panes were opened or closed."""

    def __init__(
        self,
        snapshot: WorkbenchSnapshot,
        columns: TopicColumns | None = None,
        widths: Sequence[float] = (),
    ) -> None:
        """`columns` are those of the rows, `widths` those of the panes, in proportion."""
        self.snapshot = snapshot
        self.panes = [Pane(snapshot, None), *(Pane(snapshot, one.id) for one in snapshot.consumers)]
        self.current = self.panes[0]
        """The pane that has the focus, or had it last."""
        self._front = self.panes[:2][-1]
        """The filter's pane that had the focus last; the raw pane if it is the only one."""
        self.alone = False
        """Whether only the current pane is in view, however wide the screen is."""
        self.together = PaneLock(self.panes, lambda pane: pane.show(self.snapshot))
        self._narrowed: dict[FilterView, View] = {}
        """What panes showed before `show_all`."""
        self.columns = columns or TopicColumns()
        self._scroll = 0
        """How many cells of their columns all panes are scrolled to the right."""
        for pane, width in zip(self.panes, widths, strict=False):
            pane.share = width
        self._tabs = PaneTabs()
        self._row = Horizontal(*self.panes, id="panes")
        super().__init__(self._tabs, self._row)

    @property
    def consumer(self) -> ConsumerSnapshot | None:
        """The consumer of the current pane; None for the raw pane."""
        return self.snapshot.consumer(self.current.consumer)

    @property
    def views(self) -> list[RecordView]:
        return [pane.view for pane in self.panes]

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; return whether anything changed on the screen."""
        self.snapshot = snapshot
        matched = self._match()
        self.columns.observe(snapshot)
        times = self.columns.times(time.time())
        in_view = [pane for pane in self.panes if pane.display]
        written = [pane.view.write(self._texts(pane), times) for pane in in_view]
        shown = [pane.show(snapshot) for pane in in_view]
        return self._label() or matched or any(written) or any(shown)

    def show_heads(self) -> None:
        """Draw the heads alone, after panes were paused or moved."""
        for pane in self.panes:
            if pane.display:
                pane.show_titles()
                pane.show_head(self.snapshot)

    def _texts(self, pane: Pane) -> RowTexts:
        """The columns of a pane."""
        view = pane.view
        outputs = isinstance(view, FilterView) and view.view is View.PASSED
        return self.columns.texts_of(self.snapshot.consumer(pane.consumer) if outputs else None)

    def column_widths(self) -> Mapping[str, int]:
        """How wide the columns of the current pane are, by name."""
        return self.current.view.drawing.column_widths()

    def choose_columns(self, names: Sequence[Name]) -> None:
        """Show these columns in all panes; without any, those that are guessed."""
        self.columns.choose(names)
        self.show(self.snapshot)

    # Which pane has the focus.

    def turn_to(self, pane: Pane, *, focus: bool = True) -> None:
        """Bring a pane into view, with the `focus`, unless it was closed meanwhile."""
        if pane not in self.panes:
            return
        self.current = pane
        if pane.consumer is not None:
            self._front = pane
        # The focus first: hiding or removing what has it would send it anywhere.
        pane.display = True
        if focus:
            self.screen.set_focus(pane.view, scroll_visible=False)
        self._arrange()
        self.post_message(self.Turned())

    def action_turn(self, step: int) -> None:
        """Go `step` panes to the right, wrapping around."""
        position = self.panes.index(self.current) + step
        self.turn_to(self.panes[position % len(self.panes)])

    def action_turn_to(self, number: int) -> None:
        """Go to the pane of a consumer, or to the raw pane for 0."""
        for pane in self.panes:
            if pane.consumer == (number or None):
                self.turn_to(pane)
                break

    def on_pane_tabs_chosen(self, message: PaneTabs.Chosen) -> None:
        self.action_turn_to(message.number)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Turn to the pane that was clicked."""
        for pane in self.panes:
            # The focus may have moved on before this arrived.
            if pane.view is event.widget and pane.view.has_focus and pane is not self.current:
                self.turn_to(pane)
                break

    # How wide panes are.

    @property
    def widths(self) -> tuple[float, ...]:
        """Of all panes from left to right, in proportion."""
        return tuple(pane.share for pane in self.panes)

    def action_resize(self, step: int) -> None:
        """Make the current pane wider, or narrower, by a fifth."""
        before = self.current.size.width
        self.current.share = min(max(self.current.share * WIDER**step, 1 / MOST), MOST)
        self.call_after_refresh(self._tell_limit, self.current, before)

    def _tell_limit(self, pane: Pane, before: int) -> None:
        if pane.size.width == before:
            self.notify("this pane can get no wider or narrower here", markup=False)

    def on_pane_dragged(self, message: Pane.Dragged) -> None:
        """Move the border between a pane and the one at its left."""
        shown = [pane for pane in self.panes if pane.display]
        position = shown.index(message.pane)
        if position:
            left, right = shown[position - 1 : position + 1]
            cells, shares = left.outer_size.width + right.outer_size.width, left.share + right.share
            wide = min(max(message.x - left.region.x, Pane.MIN_WIDTH), cells - Pane.MIN_WIDTH)
            left.share, right.share = shares * wide / cells, shares * (cells - wide) / cells

    # What all panes do together.

    def action_pause(self) -> None:
        for view in self.views:
            view.pause()

    def follow(self, consumer: int | None = None) -> None:
        """Show the newest records in every pane, or in that of one consumer."""
        for pane in self.panes:
            if consumer in (None, pane.consumer):
                pane.view.follow()

    action_follow = follow

    def action_lock(self) -> None:
        """Lock the panes together, then align their rows, then free them."""
        self.together.turn(self.current.view)

    def on_record_view_scrolled(self, message: RecordView.Scrolled) -> None:
        self.together.scroll_along(message.view)

    def action_view(self, step: int) -> None:
        """Show other records of the current pane: passed, dropped, failed, changed or all."""
        if isinstance(self.current.view, FilterView):
            self.current.view.turn(step)

    def action_times(self) -> None:
        """Show times in the next style: local, UTC, as ages, or since the row above."""
        self.columns.time_style = self.columns.time_style.next
        if not self.columns.texts.timed:
            key = key_name(self.screen, "dashboard.columns")
            self.notify(f"no column shows the times of records: {key} chooses columns", markup=False)

    def action_inputs(self) -> None:
        """Show the inputs beside the outputs of the current pane, or the outputs alone again."""
        if isinstance(self.current.view, FilterView):
            self.current.view.toggle_inputs()

    def action_hits(self) -> None:
        """Show only what the search found, or everything again."""
        self.show_hits(alone=not self.current.view.found.alone)

    def show_hits(self, *, alone: bool) -> None:
        """Show only what the search found, in all panes, or everything."""
        for view in self.views:
            view.show_hits(alone=alone)

    def show_all(self) -> None:
        """Show all records in the current pane, whatever their verdicts are."""
        view = self.current.view
        if isinstance(view, FilterView) and view.view is not View.ALL:
            self._narrowed[view] = view.view
            view.turn_to(View.ALL)

    def show_narrowed(self) -> None:
        """Undo `show_all` in panes that still show all records."""
        for view, narrowed in self._narrowed.items():
            if view.view is View.ALL:
                view.turn_to(narrowed)
        self._narrowed.clear()

    def action_scroll(self, direction: int) -> None:
        """Scroll the columns of all panes sideways, as far as the longest row in view reaches."""
        # Only where it is asked for: it looks at every row in view.
        longest = max(pane.view.drawing.longest() for pane in self.panes if pane.display)
        step = direction * max(self.current.view.size.width // 3, 1)
        scroll = min(max(self._scroll + step, 0), max(self._scroll, longest))
        if scroll == self._scroll:
            self.notify("no row is longer" if direction > 0 else "the rows begin here", markup=False)
        self.scroll_to_cell(scroll)

    def scroll_to_cell(self, scroll: int) -> None:
        """Show the columns of all panes from a cell on."""
        self._scroll = scroll
        for view in self.views:
            view.scroll_to_cell(scroll)
        self.show_heads()

    # Which panes there are, and which are in view.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        several = len(self.panes) > 1
        possible = {
            "pause": self.current.view.following,
            "follow": not self.current.view.following,
            "lock": self.together.locked or several,
            "resize": several and not self.alone,
            "maximise": several and not self.alone,
            "restore": self.alone,
            "view": self.consumer is not None,
            "hits": self.current.view.search is not None,
            "inputs": self.consumer is not None and self.consumer.outputs is not None,
        }
        return possible.get(action, True)

    def action_maximise(self) -> None:
        """Show the current pane alone, or the others again."""
        self.alone = not self.alone
        self._arrange()

    action_restore = action_maximise

    def _match(self) -> bool:
        """Open, close and sort panes as the consumers are; return whether that changed any."""
        wanted = [None, *(consumer.id for consumer in self.snapshot.consumers)]
        present = [pane.consumer for pane in self.panes]
        if wanted == present:
            return False
        for pane in [pane for pane in self.panes if pane.consumer not in wanted]:
            self._close(pane)
        for pane in [Pane(self.snapshot, consumer) for consumer in wanted if consumer not in present]:
            pane.view.align(aligned=self.together.aligned)
            self.panes.append(pane)
            self._row.mount(pane)
            self.call_after_refresh(self._turn_to_new, pane)
        if [pane.consumer for pane in self.panes] != wanted:
            self.panes.sort(key=lambda pane: wanted.index(pane.consumer))
            self._row.sort_children(key=lambda child: self.panes.index(child))  # type: ignore[arg-type]
            self._arrange()
        return True

    def _turn_to_new(self, pane: Pane) -> None:
        """Turn to a pane that was opened, but leave the focus to an editor that has it already."""
        self.turn_to(pane, focus=self.screen.focused is None or self.has_focus_within)

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
        """Show as many panes as fit."""
        in_view = self._in_view(max(self.size.width // Pane.MIN_WIDTH, 1))
        for pane in self.panes:
            pane.display = pane in in_view
            if pane.display:
                pane.show(self.snapshot)
        self._tabs.display = len(in_view) < len(self.panes)
        self._label()

    on_resize = _arrange

    def _in_view(self, room: int) -> list[Pane]:
        if self.alone or room == 1:
            return [self.current]
        start = max(self.panes.index(self._front) - room + 2, 1)
        return [self.panes[0], *self.panes[start : start + room - 1]]

    def _label(self) -> bool:
        """Write the tabs, if they are shown; return whether one changed."""
        if not self._tabs.display:
            return False
        before, self._tabs.tabs = self._tabs.tabs, tuple(map(self._tab, self.panes))
        return before != self._tabs.tabs

    def _tab(self, pane: Pane) -> Tab:
        consumer = self.snapshot.consumer(pane.consumer)
        if consumer is None:
            return Tab(number=0, name="raw", in_view=pane.display)
        name = format.clip(shown_name(consumer), 20)
        return Tab(number=consumer.id, name=name, state=consumer.state, in_view=pane.display)
