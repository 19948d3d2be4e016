"""The panes side by side, of one topic or several: as many as fit, the others behind tabs."""

import time
from collections.abc import Sequence

from textual import events
from textual.containers import Horizontal, Vertical
from textual.message import Message

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.views import View
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.topic_columns import TopicColumns
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.pane_lock import PaneLock
from tui.dashboard.widgets.panes.pane_room import move_border, panes_in_view, widen
from tui.dashboard.widgets.panes.pane_tabs import PaneTabs
from tui.dashboard.widgets.rows.filter_view import FilterView
from tui.dashboard.widgets.rows.record_view import RecordView


class Deck(Vertical):
    """Holds of each topic the raw pane and one pane per consumer, and decides which are in view.

    The raw pane of a filter stays in view if two panes fit: a filter is read against it.
    """

    class Turned(Message):
        """Another pane has the focus, or panes were opened or closed."""

    def __init__(self, topics: Sequence[OpenTopic]) -> None:
        """`topics` are those to show, from left to right."""
        self.topics = list(topics)
        self.panes = [Pane(topic, consumer) for topic, consumer in self._wanted()]
        for topic in self.topics:
            self._share(topic)
        self._name_topics()
        self.current = self.panes[0]
        """The pane that has the focus, or had it last."""
        self._front = self.panes[:2][-1]
        """The filter's pane that had the focus last; a raw pane if its topic has no filter."""
        self.alone = False
        """Whether only the current pane is in view, however wide the screen is."""
        self.together = PaneLock(self.panes, lambda: self.topic)
        self._tabs = PaneTabs()
        self._row = Horizontal(*self.panes, id="panes")
        super().__init__(self._tabs, self._row)

    @property
    def topic(self) -> OpenTopic:
        """The topic of the current pane."""
        return self.current.topic

    @property
    def snapshot(self) -> WorkbenchSnapshot:
        """The one of the current pane's topic that is drawn."""
        return self.topic.snapshot

    @property
    def columns(self) -> TopicColumns:
        """Those of the current pane's topic."""
        return self.topic.columns

    @property
    def consumer(self) -> ConsumerSnapshot | None:
        """The consumer of the current pane; None for the raw pane."""
        return self.snapshot.consumer(self.current.consumer)

    @property
    def views(self) -> list[RecordView]:
        return [pane.view for pane in self.panes]

    def panes_of(self, topic: OpenTopic) -> list[Pane]:
        return [pane for pane in self.panes if pane.topic is topic]

    def show(self) -> bool:
        """Draw the snapshots of all topics; return whether anything changed on the screen."""
        matched = self._match()
        now = time.time()
        for topic in self.topics:
            topic.columns.observe(topic.snapshot)
        in_view = [pane for pane in self.panes if pane.display]
        written = [pane.view.write(self._texts(pane), pane.topic.columns.times(now)) for pane in in_view]
        shown = [pane.show() for pane in in_view]
        return self._label() or matched or any(written) or any(shown)

    def open(self, topic: OpenTopic, instead: OpenTopic | None = None) -> None:
        """Show the panes of another topic, at the right or instead of those of one that is shown."""
        if instead is None:
            self.topics.append(topic)
        else:
            self.topics[self.topics.index(instead)] = topic
        self._match()
        self._share(topic)
        self.call_after_refresh(lambda: self.turn_to(self._raw(topic)))

    def close(self, topic: OpenTopic) -> None:
        """Close the panes of a topic; there is another one."""
        self.topics.remove(topic)
        self._match()

    def show_heads(self) -> None:
        """Draw the heads alone, after panes were paused or moved."""
        for pane in self.panes:
            if pane.display:
                pane.show_titles()
                pane.show_head()

    def _texts(self, pane: Pane) -> RowTexts:
        """The columns of a pane."""
        view = pane.view
        outputs = isinstance(view, FilterView) and view.view is View.PASSED
        consumer = pane.topic.snapshot.consumer(pane.consumer)
        return pane.topic.columns.texts_of(consumer if outputs else None)

    # Which pane has the focus.

    def turn_to(self, pane: Pane, *, focus: bool = True) -> None:
        """Bring a pane into view, with the `focus`, unless it was closed meanwhile."""
        if pane not in self.panes:
            return
        self.current = pane
        if pane.consumer is not None:
            self._front = pane
        elif pane.topic is not self._front.topic:
            self._front = self.panes_of(pane.topic)[:2][-1]
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
        """Go to the pane of a consumer, or for 0 to the raw pane, of the next topic if it is there."""
        if number:
            found = [pane for pane in self.panes if pane.consumer == number]
        else:
            place = self.topics.index(self.topic) + (self.current.consumer is None)
            found = [self._raw(self.topics[place % len(self.topics)])]
        for pane in found:
            self.turn_to(pane)

    def go_to_topic(self, name: str) -> None:
        """Go to the raw pane of a topic that is shown."""
        self.turn_to(next(self._raw(topic) for topic in self.topics if topic.name == name))

    def on_pane_tabs_chosen(self, message: PaneTabs.Chosen) -> None:
        self.turn_to(self.panes[message.place])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Turn to the pane that was clicked."""
        for pane in self.panes:
            # The focus may have moved on before this arrived: the screen knows at once, a view later.
            if pane.view is event.widget is self.screen.focused and pane is not self.current:
                self.turn_to(pane)
                break

    # How wide panes are.

    def _share(self, topic: OpenTopic) -> None:
        """Make the panes of a topic as wide as it says."""
        for pane, width in zip(self.panes_of(topic), topic.widths, strict=False):
            pane.share = width

    def widths(self, topic: OpenTopic) -> tuple[float, ...]:
        """Of the panes of a topic from left to right, in proportion."""
        return tuple(pane.share for pane in self.panes_of(topic))

    def action_resize(self, step: int) -> None:
        """Make the current pane wider, or narrower, by a fifth."""
        before = self.current.size.width
        widen(self.current, step)
        self.call_after_refresh(self._tell_limit, self.current, before)

    def _tell_limit(self, pane: Pane, before: int) -> None:
        if pane.size.width == before:
            self.notify("this pane can get no wider or narrower here", markup=False)

    def on_pane_dragged(self, message: Pane.Dragged) -> None:
        """Move the border between a pane and the one at its left."""
        shown = [pane for pane in self.panes if pane.display]
        position = shown.index(message.pane)
        if position:
            move_border(shown[position - 1], message.pane, message.x)

    # What all panes do together.

    def follow(self, consumer: int | None = None) -> None:
        """Show the newest records in every pane, or in that of one consumer."""
        for pane in self.panes:
            if consumer in (None, pane.consumer):
                pane.view.follow()

    def follow_topic(self) -> None:
        """Show the newest records in the panes of the current pane's topic."""
        for pane in self.panes_of(self.topic):
            pane.view.follow()

    def on_record_view_scrolled(self, message: RecordView.Scrolled) -> None:
        self.together.scroll_along(message.view)

    # Which panes there are, and which are in view.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        several = len(self.panes) > 1
        possible = {
            "resize": several and not self.alone,
            "maximise": several and not self.alone,
            "restore": self.alone,
        }
        return possible.get(action, True)

    def action_maximise(self) -> None:
        """Show the current pane alone, or the others again."""
        self.alone = not self.alone
        self._arrange()

    action_restore = action_maximise

    def _wanted(self) -> list[tuple[OpenTopic, int | None]]:
        """The topics and consumers that there are to show, from left to right."""
        return [
            (topic, consumer)
            for topic in self.topics
            for consumer in (None, *(one.id for one in topic.snapshot.consumers))
        ]

    def _raw(self, topic: OpenTopic) -> Pane:
        return self.panes_of(topic)[0]

    def _match(self) -> bool:
        """Open, close and sort panes as topics and consumers are; return whether that changed any."""
        wanted = self._wanted()
        present = [pane.key for pane in self.panes]
        if wanted == present:
            return False
        known = [pane.topic for pane in self.panes]
        for pane in [Pane(*key) for key in wanted if key not in present]:
            pane.view.align(aligned=self.together.aligned)
            self.panes.append(pane)
            self._row.mount(pane)
            if pane.topic in known:
                self.call_after_refresh(self._turn_to_new, pane)
        for pane in [pane for pane in self.panes if pane.key not in wanted]:
            self._close(pane)
        if [pane.key for pane in self.panes] != wanted:
            self.panes.sort(key=lambda pane: wanted.index(pane.key))
            # Those that are being removed are still among the children.
            places = {pane: place for place, pane in enumerate(self.panes)}
            self._row.sort_children(key=lambda child: places.get(child, len(places)))  # type: ignore[call-overload]
            self._arrange()
        self._name_topics()
        return True

    def _name_topics(self) -> None:
        """Have heads say the topic where there are several."""
        for pane in self.panes:
            pane.topic_label = pane.topic.name if len(self.topics) > 1 else ""

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
        room = max(self.size.width // Pane.MIN_WIDTH, 1)
        in_view = [self.current] if self.alone else panes_in_view(self.panes, self._front, self.current, room)
        for pane in self.panes:
            pane.display = pane in in_view
            if pane.display:
                pane.show()
        self._tabs.display = len(in_view) < len(self.panes)
        self._label()

    on_resize = _arrange

    def _label(self) -> bool:
        """Write the tabs, if they are shown; return whether one changed."""
        return self._tabs.display and self._tabs.show(self.panes)
