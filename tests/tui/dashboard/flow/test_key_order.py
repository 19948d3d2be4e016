"""What is typed goes on, whatever becomes of the widgets that it goes to."""

import asyncio
import time
from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.waiting import PATIENCE
from tui.dashboard.flow import key_order
from tui.dashboard.flow.key_order import KeyOrder


class Focused(Widget, can_focus=True):
    """Removed by `x`; after `w` it does nothing any more."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[str] = []

    async def on_key(self, event: events.Key) -> None:
        self.got.append(event.key)
        if event.key == "x":
            await self.remove()
        if event.key == "w":
            self.call_later(asyncio.Event().wait)


class Typing(App[None]):
    """Two widgets that take keys, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.order = KeyOrder(self)
        self.first, self.second = Focused(), Focused()

    def compose(self) -> ComposeResult:
        yield from (self.first, self.second)

    async def on_event(self, event: events.Event) -> None:
        if not (isinstance(event, events.Key) and not event.is_forwarded and self.order.holds(event)):
            await super().on_event(event)


def test_keys_go_on_after_the_one_that_removes_the_widget_with_the_focus() -> None:
    async def story() -> None:
        app = Typing()
        async with app.run_test() as pilot:
            await pilot.pause()
            await app._press_keys(["a", "x", "b", "c"])
            await until(lambda: app.second.got == ["b", "c"])
        assert app.first.got == ["a", "x"]

    asyncio.run(story())


def test_a_stuck_widget_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "PATIENCE_SECONDS", 0.05)

    async def story() -> None:
        app = Typing()
        async with app.run_test() as pilot:
            await pilot.pause()
            await app._press_keys(["w"])
            await until(lambda: app.first.got == ["w"] and not app.order.busy)
            app.second.focus()
            await app._press_keys(["b", "c"])
            await until(lambda: app.second.got == ["b", "c"])
            # It takes no message that would end it, either.
            app.first._task.cancel()

    asyncio.run(story())


async def until(reached: Callable[[], bool]) -> None:
    """As a page's, which would wait for the stuck widget."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "not reached"
        await asyncio.sleep(0.01)
