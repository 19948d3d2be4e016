"""The page object of the dashboard: how tests find what it shows without its private names."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.waiting import PATIENCE
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.rows.record_view import RecordView


class DashboardPage(Pilot[None]):
    """A pilot that knows the dashboard."""

    @property
    def dashboard(self) -> Dashboard:
        """The screen under all dialogues."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, Dashboard))

    @property
    def deck(self) -> Deck:
        return self.dashboard.query_one(Deck)

    @property
    def panes(self) -> list[Pane]:
        """The raw pane, then those of the filters from left to right."""
        return self.deck.panes

    @property
    def view(self) -> RecordView:
        """The records of the current pane."""
        return self.deck.current.view

    @property
    def open_panels(self) -> list[Widget]:
        """What is open under the panes."""
        bar, front = self.dashboard.query_one(SearchBar), self.dashboard.query_one(Dock).front
        return [part for part in (bar, front) if part is not None and part.display]

    def notices(self) -> list[str]:
        """The messages of all notifications on the screen, the oldest first."""
        # Textual has no public way to read them.
        return [notice.message for notice in self.app._notifications]

    def text(self) -> str:
        """Everything on the screen."""
        return "\n".join(strip.text for strip in self.strips())

    def strips(self) -> list[Strip]:
        """The lines on the screen."""
        # Textual has no public way to read them, either.
        return self.app.screen._compositor.render_strips()

    def dialogue_title(self) -> str:
        """Empty while none is open."""
        return "".join(str(dialogue.border_title) for dialogue in self.app.screen.query(".dialog"))

    def dialogue_keys(self) -> str:
        """The line in which a dialogue names its keys."""
        return str(self.app.screen.query_one(".dialog").border_subtitle)

    async def press(self, *keys: str) -> None:
        """Type keys one by one, and let each have its whole effect."""
        for key in keys:
            await self._app._press_keys([key])
            await self.settled()

    async def burst(self, *keys: str, turns: int = 0) -> None:
        """Type keys that do not wait for each other's effects, but come so many turns of the loop apart."""
        for key in keys:
            await self._app._press_keys([key])
            for _ in range(turns):
                await asyncio.sleep(0)
        await self.settled()

    async def pause(self, delay: float | None = None) -> None:
        if delay is not None:
            await asyncio.sleep(delay)
        await self.settled()

    async def settled(self) -> None:
        """Let the dashboard work until no key, message, animation, layout or drawing is left."""
        end = time.monotonic() + PATIENCE
        await _several_turns()
        while self._goes_on() and self._is_at_work():
            assert time.monotonic() < end, "the dashboard does not come to rest"
            if await self._handled(end):
                await self.app._animator.wait_until_complete()
                # Textual would do this a sixtieth of a second later.
                self.app.screen._on_timer_update()
                await _several_turns()

    async def _handled(self, end: float) -> bool:
        """Wait for all widgets to have come to their messages; whether the dashboard goes on."""
        # Textual's own wait sends a message to each widget, which took half the time of these tests.
        turns = 0
        while self._goes_on() and self._is_handling():
            assert time.monotonic() < end, "the dashboard does not answer"
            turns += 1
            # A handler that waits for a thread takes longer than those that wait for each other.
            await (_several_turns() if turns < 100 else asyncio.sleep(0.005))
        return self._goes_on()

    def _goes_on(self) -> bool:
        """Whether it has neither ended nor failed."""
        return self.app.is_running and self.app._exception is None and bool(self.app.screen_stack)

    def _is_at_work(self) -> bool:
        """Whether keys, messages or callbacks wait, or what is shown is not up to date."""
        # Textual's own waits end as soon as the process gets little time, which a busy machine gives it, too.
        screen = self.app.screen
        return bool(
            screen._layout_required
            or screen._scroll_required
            or screen._repaint_required
            or screen._dirty_widgets
            or screen._callbacks
            or not self.app._animator._complete_event.is_set()
            or self._is_handling()
        )

    def _is_handling(self) -> bool:
        """Whether keys, messages or callbacks wait, or have not had their whole effect."""
        keys_wait = isinstance(self.app, FluvioTui) and self.app.key_order.busy
        return keys_wait or any(map(_is_busy, (self.app, *self._parts())))

    def _parts(self) -> Iterator[Widget]:
        """The widgets of all screens: a dialogue may have left something to do to what is below it."""
        for screen in self.app.screen_stack:
            for part in screen.walk_children(with_self=True):
                yield part
                # Scrollbars are no children.
                yield from filter(None, (part._vertical_scrollbar, part._horizontal_scrollbar))

    async def until(self, reached: Callable[[], bool]) -> None:
        """Let the dashboard work until a condition holds."""
        end = (began := time.monotonic()) + PATIENCE
        while self._is_changing() or not reached():
            looked = time.monotonic()
            assert looked < end, "not reached"
            # Reading the screen takes time that the dashboard needs.
            await asyncio.sleep(max(0.005, 3 * (looked - began)))
            began = time.monotonic()
        await self.pause()

    def _is_changing(self) -> bool:
        """Whether what is shown cannot be read: a screen without its widgets, or without their layout."""
        return self.app.is_running and (not self.app.screen.is_mounted or self.app.screen._layout_required)

    async def drawn(self, workbench: ScriptedWorkbench) -> None:
        """Wake the dashboard, and wait until it has drawn the newest snapshot."""
        topic = next(topic for topic in self.deck.topics if topic.workbench is workbench)
        asked = workbench.snapshots
        workbench.wake()
        # A snapshot in which only records came may be drawn some time after it was taken.
        await self.until(lambda: workbench.snapshots > asked and topic.snapshot is workbench.taken)

    async def produce(self, workbench: ScriptedWorkbench, *values: bytes) -> None:
        """Append records, and wait until they are drawn."""
        workbench.produce(*values)
        await self.drawn(workbench)

    async def notice(self) -> str:
        """The only notification, once there is one."""
        await self.until(lambda: bool(self.notices()))
        (message,) = self.notices()
        return message


async def _several_turns() -> None:
    """Let the event loop bring what is on its way: a key takes two turns until it is a message."""
    for _ in range(10):
        await asyncio.sleep(0)


def _is_busy(part: App[Any] | Widget) -> bool:
    """Whether it is not there yet, or does something, or has something to do."""
    waits = part._message_queue.ready_event._waiters
    return not (part._is_mounted and waits) or bool(part._next_callbacks or part.message_queue_size)
