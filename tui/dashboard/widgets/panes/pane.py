"""A pane: a head over rows of records."""

from dataclasses import replace

from textual import events
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive

from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.panes.backlog import Backlog
from tui.dashboard.present.panes.pane_header import Hold, Shown, filter_head, raw_head
from tui.dashboard.widgets.panes.pane_head import PaneHead
from tui.dashboard.widgets.rows.column_titles import ColumnTitles
from tui.dashboard.widgets.rows.filter_view import FilterView
from tui.dashboard.widgets.rows.raw_view import RawView
from tui.dashboard.widgets.rows.record_view import RecordView


class Pane(Vertical):
    """Shows what a consumer passes, or the raw stream if `consumer` is None."""

    MIN_WIDTH = 28
    """Cells; a narrower one has no room for an offset, a column or two, and its head."""

    share: reactive[float] = reactive(1.0)
    """Its width, in proportion to that of the others."""

    class Dragged(Message):
        """The user dragged its left border to a column of the screen."""

        def __init__(self, pane: "Pane", x: int) -> None:
            super().__init__()
            self.pane = pane
            self.x = x

    def __init__(self, topic: OpenTopic, consumer: int | None) -> None:
        self.topic = topic
        self.consumer = consumer
        self.topic_label = ""
        """What the head calls the topic; empty while there is no other."""
        snapshot = topic.snapshot
        self.head = PaneHead()
        self.view: RecordView = RawView(snapshot) if consumer is None else FilterView(snapshot, consumer)
        self.titles = ColumnTitles()
        self._backlog = Backlog()
        colour = "-raw" if consumer is None else f"-filter-{filter_colour(consumer)}"
        super().__init__(self.head, self.titles, self.view, classes=colour)

    def watch_share(self, share: float) -> None:
        self.styles.width = f"{share}fr"

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag the border."""
        if event.screen_x == self.region.x:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self.post_message(self.Dragged(self, event.screen_x))

    def on_mouse_up(self) -> None:
        self.release_mouse()

    @property
    def key(self) -> tuple[OpenTopic, int | None]:
        """What it shows."""
        return self.topic, self.consumer

    def show(self) -> bool:
        """Draw the topic's snapshot; return whether anything changed on the screen."""
        drawn = [self.view.show(self.topic.snapshot), self.show_titles(), self.show_head()]
        return any(drawn)

    def show_titles(self) -> bool:
        """Draw the names of the columns; return whether they changed."""
        titles = self.view.drawing.titles()
        if titles is None and self.titles.display and self.view.drawing.strips.texts.titled:
            # A filter that is behind has no rows now and then: rows would jump, and all be laid out.
            return False
        if titles is not None and self.consumer is None:
            titles = replace(titles, filters=tuple(one.id for one in self.view.shown.consumers))
        self.head.titled = titles is not None
        return self.titles.show(titles)

    on_resize = show_titles

    def show_head(self) -> bool:
        """Draw the head alone; return whether it changed."""
        snapshot = self.topic.snapshot
        new, more = (0, False) if self.view.following else self.view.content.new
        shown = self.view.shown.window
        records = len(snapshot.window if shown.before is None else shown)
        hold = Hold(not self.view.following, new, more, records)
        if not isinstance(self.view, FilterView):
            return self.head.show(raw_head(snapshot, hold, self.topic_label))
        consumer = snapshot.consumer(self.consumer)
        if consumer is None:
            return False
        behind = self._backlog.observe(consumer, snapshot.window)
        self.view.behind = behind > 0
        shown_rows = Shown(self.view.view, len(self.view.rows))
        return self.head.show(filter_head(consumer, hold, behind, shown_rows, self.topic_label))
