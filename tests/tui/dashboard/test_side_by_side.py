"""Panes of several topics side by side."""

import asyncio
from pathlib import Path

import pytest

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Story
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_topics import ScriptedTopics, ask
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.widgets.parts.title_bar import TitleBar


@pytest.fixture
def topics() -> ScriptedTopics:
    orders = ScriptedWorkbench(topic="orders")
    payments = ScriptedWorkbench(topic="payments", first_consumer=2)
    clicks = ScriptedWorkbench(topic="clicks", first_consumer=3)
    orders.produce(*(b"order %d" % number for number in range(60)))
    payments.produce(*(b"payment %d" % number for number in range(50)))
    clicks.produce(b"click")
    orders.add("large", lambda value: Verdict(value.endswith(b"7")), path=Path("large.rs"))
    payments.add("failed", lambda value: Verdict(value.endswith(b"3")), path=Path("failed.rs"))
    return ScriptedTopics(orders, payments, clicks)


def drive_both(
    topics: ScriptedTopics, story: Story, size: tuple[int, int] = (140, 30), *names: str
) -> FluvioTui:
    first, *beside = (topics.workbenches[name] for name in names or ("orders", "payments"))
    app = FluvioTui(first, beside=beside, workbenches=topics)
    app.animation_level = "none"

    async def main() -> None:
        async with app.run_test(size=size):
            page = DashboardPage(app)
            await page.pause()
            await story(page)

    asyncio.run(main())
    return app


def heads(page: DashboardPage) -> list[str]:
    states = [pane.head.state for pane in page.panes]
    return [state.title for state in states if state is not None]


def topic_in_title(page: DashboardPage) -> str:
    state = page.dashboard.query_one(TitleBar).state
    return "" if state is None else state.topic


def test_heads_say_the_topic_and_keys_go_from_one_to_the_other_or_lock_one(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        assert heads(page) == ["0 orders", "1 large · orders", "0 payments", "2 failed · payments"]
        assert topic_in_title(page) == "orders"
        await page.press("tab", "tab")
        assert (topic_in_title(page), page.deck.current.consumer) == ("payments", None)
        await page.press("1")
        assert (topic_in_title(page), page.deck.current.consumer) == ("orders", 1)
        await page.press("0")
        assert (topic_in_title(page), page.deck.current.consumer) == ("orders", None)
        await page.press("0")
        assert (topic_in_title(page), page.deck.current.consumer) == ("payments", None)
        await page.press("0")
        assert topic_in_title(page) == "orders"
        await page.press("L", "up", "up")
        cursors = [pane.view.cursor for pane in page.panes]
        assert cursors[0] is not None
        assert cursors[1] is not None
        assert cursors[2:] == [None, None], "panes are locked together with those of their own topic"

    drive_both(topics, story)


def test_what_needs_a_topic_uses_that_of_the_current_pane(topics: ScriptedTopics) -> None:
    orders, payments = topics.workbenches["orders"], topics.workbenches["payments"]

    async def story(page: DashboardPage) -> None:
        await page.press("2", "p", "x", "ctrl+s")
        await page.until(lambda: payments.asked[-1].startswith("append"))
        assert not any(asked.startswith("append") for asked in orders.asked)
        await page.press("space")
        assert [pane.view.following for pane in page.panes] == [False] * 4, "all pause"
        await page.press("R", "enter")
        await page.until(lambda: payments.asked[-1].startswith("replay"))
        following = [pane.view.following for pane in page.panes]
        assert following == [False, False, True, True], "only the topic that is read again follows"

    drive_both(topics, story)


def test_a_search_finds_in_every_topic(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("slash", *"t 4", "enter")
        await page.until(lambda: "no match in this pane" in page.notices())
        await page.press("0", "N")
        await page.until(lambda: "of 11" in page.text())
        assert [len(pane.view.found.rows) for pane in page.panes] == [0, 0, 11, 11]

    drive_both(topics, story)


def test_one_pane_of_a_topic_cannot_be_locked(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("0", "L")
        assert await page.notice() == "panes are locked together within a topic, and this one has one pane"

    drive_both(topics, story, (140, 30), "orders", "clicks")


def test_a_topic_opens_beside_and_closes(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        await ask(page)
        await page.press(*"cli", "ctrl+b")
        await page.until(lambda: heads(page)[-1] == "0 clicks")
        assert topics.workbenches["clicks"].asked == ["start"], "without the filters of the other topic"
        await page.until(lambda: topic_in_title(page) == "clicks")
        await ask(page)
        assert "clicks    1 record · open" in page.text()
        await page.press(*"orders", "enter")
        await page.until(lambda: topic_in_title(page) == "orders")
        await page.press("x")
        await page.until(lambda: topics.workbenches["orders"].asked[-1] == "close")
        assert heads(page) == ["0 payments", "2 failed · payments", "0 clicks"]
        await page.press("x")
        await page.until(lambda: heads(page) == ["0 raw"])
        await page.press("x")
        assert "this pane has no filter: go to the pane of one, or add one" in page.notices()

    app = drive_both(topics, story)
    assert {name: len(consumers) for name, consumers in app.consumers.items()} == {"orders": 1, "payments": 1}


def test_another_topic_takes_the_place_of_the_current_one(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        await ask(page)
        await page.press(*"cli", "enter")
        await page.until(lambda: heads(page)[0] == "0 clicks")
        assert heads(page) == ["0 clicks", "3 large · clicks", "0 payments", "2 failed · payments"]
        assert "add large.rs" in topics.workbenches["clicks"].asked
        await page.until(lambda: topic_in_title(page) == "clicks")

    drive_both(topics, story)


def test_little_room_is_for_the_current_topic(topics: ScriptedTopics) -> None:
    async def story(page: DashboardPage) -> None:
        def shown() -> list[str]:
            return [head for head, pane in zip(heads(page), page.panes, strict=False) if pane.display]

        assert shown() == ["0 orders", "1 large · orders"]
        await page.press("2")
        titles = [pane.head.state.title for pane in page.panes if pane.display and pane.head.state]
        assert titles == ["0 payments", "2 failed · payments"]

    drive_both(topics, story, (70, 24))


def test_problems_of_every_topic_are_counted(topics: ScriptedTopics) -> None:
    topics.workbenches["orders"].problem = "the topic was deleted"
    topics.workbenches["payments"].problem = "the disk failed"

    async def story(page: DashboardPage) -> None:
        assert "no more records of orders" in page.text()
        assert "1 more" in page.text()
        await page.press("2", "m")
        assert "the disk failed" in page.text()
        assert "the topic was deleted" in page.text()

    drive_both(topics, story)
