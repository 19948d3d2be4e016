"""When the dashboard takes snapshots of its topics and draws them: after a wake, or now and then."""

import asyncio
from collections.abc import Callable, Sequence

from textual.message import Message
from textual.screen import Screen

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.frame_rate import TICKS_PER_SECOND, Alarm, Pace, Ticks, Waker
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.panes.deck import Deck

ANSWER_SECONDS = 0.02
"""Between looks whether a key has been answered, while records wait for that."""
BROKER_SECONDS = 0.5
"""How often the state of a broker is looked at."""


class Frames:
    """Calls `draw` with the newest snapshots, one of each topic, no more often than you can read."""

    class Woken(Message):
        """The engine has something new to draw."""

    ticks: Ticks

    def __init__(
        self, screen: Screen[None], deck: Deck, draw: Callable[[Sequence[WorkbenchSnapshot]], None]
    ) -> None:
        self._screen = screen
        self._deck = deck
        self._draw = draw
        self._pace = Pace([topic.snapshot for topic in deck.topics])
        self._late = Alarm(screen, self.look)
        """Draws what came too soon after the last frame."""

    def start(self) -> None:
        """Begin, once the screen is mounted."""
        self.ticks = Ticks(self._screen.set_interval(1 / TICKS_PER_SECOND, self._tick))
        self._wake = Waker(asyncio.get_running_loop(), self._hear)
        for topic in self._deck.topics:
            self.follow(topic)
        if self._deck.snapshot.broker is not None:
            # Its state changes by itself, and while nothing comes.
            self._screen.set_interval(BROKER_SECONDS, self._look_at_broker)

    def follow(self, topic: OpenTopic) -> None:
        """Start the workbench of a topic, which wakes this."""
        topic.workbench.start(self._wake)

    def newest(self) -> list[WorkbenchSnapshot]:
        """The newest snapshots, one of each topic."""
        return [topic.workbench.snapshot() for topic in self._deck.topics]

    def look(self) -> None:
        """Draw at once after a calm, otherwise as soon as another frame is due."""
        self.ticks.go_on()
        wait = self._pace.wait
        if self._answering:
            wait = max(wait, ANSWER_SECONDS)
        if not wait:
            newest = self.newest()
            if not self._pace.has_news(newest):
                return
            wait = self._pace.wait_with(newest, self._deck.size.height)
            if not wait:
                self._draw(newest)
                return
        self._late.start(wait)

    @property
    def _answering(self) -> bool:
        """Whether a key has opened a dialogue, and a frame of records would delay its own."""
        shown = self._screen.app.screen
        return isinstance(shown, Dialogue) and shown.opening

    def hurry(self) -> None:
        """Look now: more than the next snapshots is to be drawn."""
        self._pace.hurry()
        self.look()

    def drew(self, newest: Sequence[WorkbenchSnapshot], *, changed: bool) -> None:
        """Note what is shown now, and whether that changed anything on the screen."""
        self._pace.drew(newest)
        if changed or not all(topic.snapshot.at_rest for topic in self._deck.topics):
            self.ticks.go_on()

    def _hear(self) -> None:
        """Note a wake: there are many for each frame, and a message for each would cost as much as a look."""
        if wait := self._pace.wait:
            self._late.start(wait)
        else:
            self._screen.post_message(self.Woken())

    def _tick(self) -> None:
        """Draw what changes with time alone, such as rates."""
        if self._pace.tick_due and not self._answering:
            self._draw(self.newest())
        if not self._deck.columns.ages:
            self.ticks.rest()

    def _look_at_broker(self) -> None:
        newest = self.newest()
        shown, broker = self._deck.snapshot.broker, newest[0].broker
        if broker != shown or (broker is not None and broker.connection.state != "connected"):
            self._draw(newest)
