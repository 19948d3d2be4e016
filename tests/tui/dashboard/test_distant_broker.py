"""A broker that is far away: no key waits for it, and the screen says how the connection is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from engine.broker.connection import Connection
from engine.broker.read_only import ReadOnlyBroker
from engine.live.broker_workbenches import BrokerWorkbenches
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.engine.runtime.wat_guests import by_hand
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.app.app import FluvioTui

Story = Callable[[DashboardPage], Awaitable[None]]


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryBroker]:
    monkeypatch.chdir(tmp_path)
    with MemoryBroker("staging") as broker:
        for topic in ("logs", "orders"):
            broker.topics.create(topic)
            broker.log.append(topic, record_batch([f"{number} {topic}".encode() for number in range(50)]))
        broker.modules.add("digit", by_hand("digit.wat"))
        broker.modules.add("other", by_hand("digit.wat"))
        yield broker


def drive(workbenches: BrokerWorkbenches, story: Story) -> None:
    workbench = workbenches.open("logs")
    workbench.add_stored("digit")
    app = FluvioTui(workbench, workbenches=workbenches, broker_color="orange")

    async def main() -> None:
        async with app.run_test(size=(120, 34)):
            page = DashboardPage(app)
            await page.until(lambda: "49 logs" in page.text())
            await story(page)

    try:
        asyncio.run(main())
    finally:
        for opened in app.opened:
            opened.close()


def test_no_key_waits_for_the_broker(broker: MemoryBroker) -> None:
    async def story(page: DashboardPage) -> None:
        calls = broker.watch_drawing()
        with broker.stalled():
            await page.press("1", "a")
            await page.until(lambda: bool(page.app.screen.query(".dialog")))
            assert page.dialogue_title() == "add a filter"
            # What is typed after `t` is for the list of topics, but does not wait for ever.
            await page.press("escape", "t", "q")
            assert "what was typed for it is ignored" in await page.notice()
            await page.press("space", "up", "home")
            await page.until(lambda: "paused" in page.text().lower())
            await page.press("p")
            await page.until(lambda: len(page.app.screen_stack) > 1)
            await page.press("escape", "end", "d", "v", "r", "x")
            await page.until(lambda: len(page.panes) == 1)
        # The list of topics, which was asked for above, comes now.
        await page.until(lambda: "topics" in page.text())
        await page.press("escape", "a")
        await page.until(lambda: "@other" in page.text())
        await page.press("@", "o", "t", "h", "e", "r", "enter")
        await page.until(lambda: len(page.panes) == 2)
        await page.press("t")
        await page.until(lambda: "orders" in page.text())
        await page.press("o", "r", "d", "enter")
        await page.until(lambda: "49 orders" in page.text() and len(page.panes) == 2)
        assert not calls, "\n".join(calls)

    drive(BrokerWorkbenches(broker), story)


def test_the_title_names_the_broker_and_its_connection(broker: MemoryBroker) -> None:
    async def story(page: DashboardPage) -> None:
        title = page.text().splitlines()[0]
        assert "staging" in title
        assert "read-only" in title
        assert "reconnecting" not in title
        await page.press("p")
        assert "broker 'staging' is read-only" in await page.notice()
        broker.state = Connection(state="reconnecting", since=time.monotonic() - 4, problem="h1:9092 refused")
        await page.until(lambda: "reconnecting since " in page.text().splitlines()[0])
        await page.until(lambda: "staging does not answer" in page.text())
        await page.press("m")
        await page.until(lambda: "h1:9092 refused" in page.text())
        assert "49 logs" in page.text()
        broker.state = Connection(since=time.monotonic())
        await page.until(lambda: "reconnecting" not in page.text())

    drive(BrokerWorkbenches(ReadOnlyBroker(broker, "staging")), story)
