"""Going from topic to topic."""

import asyncio
import threading
from pathlib import Path

import pytest
from textual.widgets import OptionList

from engine.errors import UnknownSmartStreamError, UnknownTopicError
from engine.live.workbench import TopicSize, Workbench, Workbenches
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive, Story
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.waiting import PATIENCE
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.flow import key_order
from tui.dashboard.keys.palette import commands
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.dialogues.change_topic import TopicDialogue
from tui.dashboard.screens.help import Help


class ScriptedTopics(Workbenches):
    def __init__(self, *workbenches: ScriptedWorkbench) -> None:
        self.workbenches = {workbench.topic: workbench for workbench in workbenches}
        self.asked, self.answers = threading.Event(), threading.Event()
        self.answers.set()

    def topics(self) -> tuple[TopicSize, ...]:
        self.asked.set()
        assert self.answers.wait(PATIENCE)
        return tuple(TopicSize(w.topic, w.window.end_row) for w in self.workbenches.values())

    def open(self, topic: str, instead_of: Workbench | None = None) -> ScriptedWorkbench:  # noqa: ARG002
        if self.workbenches[topic].refuse is not None:
            raise UnknownTopicError(f"there is no topic '{topic}'")
        return self.workbenches[topic]


def three() -> ScriptedTopics:
    topics = [ScriptedWorkbench(topic=name) for name in ("logs", "orders", "orders-2")]
    for count, workbench in enumerate(topics, 1):
        workbench.produce(*(b"%s %d" % (workbench.topic.encode(), number) for number in range(count)))
    return ScriptedTopics(*topics)


def drive_topics(topics: ScriptedTopics, story: Story) -> FluvioTui:
    app = FluvioTui(topics.workbenches["logs"], workbenches=topics)

    async def main() -> None:
        async with app.run_test(size=(120, 34)):
            page = DashboardPage(app)
            await page.pause()
            await story(page)

    asyncio.run(main())
    return app


async def ask(page: DashboardPage) -> None:
    await page.press("t")
    await page.until(lambda: isinstance(page.app.screen, TopicDialogue))


def test_other_topic_opens_with_same_filters(tmp_path: Path) -> None:
    topics = three()
    logs, orders = topics.workbenches["logs"], topics.workbenches["orders"]
    logs.add("inline", lambda _: Verdict.PASS, path=tmp_path / "inline.rs")
    logs.add_stored("sf1")
    logs.change(1, rate_limit=50.0)

    async def story(page: DashboardPage) -> None:
        await ask(page)
        screen = page.text()
        assert "logs      1 record · open" in screen
        assert "orders-2  3 records" in screen
        await page.press("down", "enter")
        await page.until(lambda: "orders 1" in page.text())
        limits = ["rate limit 1 50.0", "rate limit 2 None"]
        assert orders.asked == [
            f"add {tmp_path / 'inline.rs'}",
            limits[0],
            "add stored sf1",
            limits[1],
            "start",
        ]
        await page.until(lambda: logs.asked[-1] == "close")
        assert "logs" not in page.text()
        await page.press("1", "p", "x", "ctrl+s")
        await page.until(lambda: orders.asked[-1] == "append None b'x'")
        await ask(page)
        await page.press("2", "enter")
        await page.until(lambda: "orders-2 2" in page.text())
        await page.until(lambda: orders.asked[-1] == "close")

    app = drive_topics(topics, story)
    assert [workbench.snapshot().topic for workbench in app.opened] == ["logs", "orders", "orders-2"]


def test_what_is_typed_before_the_topics_are_known_is_for_their_dialogue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_order, "PREPARING_SECONDS", PATIENCE)
    topics = three()
    topics.answers.clear()

    async def story(page: DashboardPage) -> None:
        await page.app._press_keys(["t", *"orders-2", "enter"])
        await asyncio.to_thread(topics.asked.wait, PATIENCE)
        for _ in range(200):
            # In which the dashboard would do what it is told.
            await asyncio.sleep(0)
        topics.answers.set()
        await page.until(lambda: "orders-2 2" in page.text())

    app = drive_topics(topics, story)
    assert [workbench.snapshot().topic for workbench in app.opened] == ["logs", "orders-2"]


def test_escape_stops_waiting_for_the_topics() -> None:
    topics = three()
    topics.answers.clear()

    async def story(page: DashboardPage) -> None:
        await page.app._press_keys(["t", *"xx"])
        await asyncio.to_thread(topics.asked.wait, PATIENCE)
        await page.press("escape", "question_mark")
        assert isinstance(page.app.screen, Help)
        topics.answers.set()

    drive_topics(topics, story)


def test_deleted_topic_is_explained_and_current_one_stays() -> None:
    topics = three()
    topics.workbenches["orders"].refuse = UnknownTopicError("")

    async def story(page: DashboardPage) -> None:
        await ask(page)
        await page.press("escape")
        await ask(page)
        await page.press("enter")
        assert isinstance(page.app.screen, Dashboard)
        await ask(page)
        await page.press(*"no such", "enter")
        assert not isinstance(page.app.screen, Dashboard)
        await page.press("escape")
        await ask(page)
        await page.click(OptionList, offset=(3, 1))
        notice = await page.notice()
        assert notice == "there is no topic 'orders'"

    app = drive_topics(topics, story)
    assert [workbench.snapshot().topic for workbench in app.opened] == ["logs"]


def test_filter_that_fails_on_other_topic_is_reported() -> None:
    topics = three()
    topics.workbenches["logs"].add_stored("sf1")

    def refused(name: str) -> int:
        raise UnknownSmartStreamError(f"there is no SmartStream '{name}'")

    topics.workbenches["orders"].add_stored = refused  # type: ignore[method-assign]

    async def story(page: DashboardPage) -> None:
        await ask(page)
        await page.press("down", "enter")
        await page.until(lambda: "orders 1" in page.text())
        await page.until(lambda: "there is no SmartStream 'sf1'" in page.text())

    drive_topics(topics, story)


def test_no_topic_action_without_workbenches(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("t")
        titles = {command.label for command in commands(page.app.screen)}
        assert "Topics" not in titles
        assert isinstance(page.app.screen, Dashboard)

    drive(ScriptedWorkbench(), story)
