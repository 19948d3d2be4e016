"""Going from topic to topic."""

import asyncio
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from engine.errors import UnknownSmartStreamError, UnknownTopicError
from engine.live.topics import TopicContents
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive, Story, until
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_actions import text_of
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.screens.dashboard import Dashboard


class ScriptedTopics:
    """Follows the `Workbenches` protocol."""

    def __init__(self, *workbenches: ScriptedWorkbench) -> None:
        self.workbenches = {workbench.topic: workbench for workbench in workbenches}

    def topics(self) -> tuple[TopicContents, ...]:
        return tuple(TopicContents(w.topic, w.window.end_row) for w in self.workbenches.values())

    def open(self, topic: str) -> ScriptedWorkbench:
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
        async with app.run_test(size=(120, 34)) as pilot:
            await pilot.pause()
            await story(pilot)

    asyncio.run(main())
    return app


async def ask(pilot: Pilot[None]) -> None:
    await pilot.press("t")
    await until(pilot, lambda: bool(pilot.app.screen.query(OptionList)))


def test_another_topic_opens_with_the_same_filters(tmp_path: Path) -> None:
    topics = three()
    logs, orders = topics.workbenches["logs"], topics.workbenches["orders"]
    logs.add("inline", lambda _: Verdict.PASS, path=tmp_path / "inline.rs")
    logs.add_stored("sf1")
    logs.pace(1, 50.0)

    async def story(pilot: Pilot[None]) -> None:
        await ask(pilot)
        screen = text_of(pilot)
        assert "logs      1 record · open" in screen
        assert "orders-2  3 records" in screen
        await pilot.press("down", "enter")
        await until(pilot, lambda: "orders 1" in text_of(pilot))
        paces = ["pace 1 50.0", "pace 2 None"]
        assert orders.asked == [
            f"add {tmp_path / 'inline.rs'}",
            paces[0],
            "add stored sf1",
            paces[1],
            "start",
        ]
        await until(pilot, lambda: logs.asked[-1] == "close")
        assert "logs" not in text_of(pilot)
        await pilot.press("1", "p", "x", "ctrl+s")
        await until(pilot, lambda: orders.asked[-1] == "append None b'x'")
        await ask(pilot)
        await pilot.press("2", "enter")
        await until(pilot, lambda: "orders-2 2" in text_of(pilot))
        await until(pilot, lambda: orders.asked[-1] == "close")

    app = drive_topics(topics, story)
    assert [workbench.snapshot().topic for workbench in app.opened] == ["logs", "orders", "orders-2"]


def test_the_same_topic_stays_and_one_that_is_gone_is_explained() -> None:
    topics = three()
    topics.workbenches["orders"].refuse = UnknownTopicError("")

    async def story(pilot: Pilot[None]) -> None:
        await ask(pilot)
        await pilot.press("escape")
        await ask(pilot)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, Dashboard)
        await ask(pilot)
        await pilot.press(*"no such", "enter")
        assert not isinstance(pilot.app.screen, Dashboard)
        await pilot.press("escape")
        await ask(pilot)
        await pilot.click(OptionList, offset=(3, 1))
        await until(pilot, lambda: bool(pilot.app._notifications))
        (notice,) = pilot.app._notifications
        assert notice.message == "there is no topic 'orders'"

    app = drive_topics(topics, story)
    assert [workbench.snapshot().topic for workbench in app.opened] == ["logs"]


def test_a_filter_that_cannot_come_along_is_told_of() -> None:
    topics = three()
    topics.workbenches["logs"].add_stored("sf1")

    def refused(name: str) -> int:
        raise UnknownSmartStreamError(f"there is no SmartStream '{name}'")

    topics.workbenches["orders"].add_stored = refused  # type: ignore[method-assign]

    async def story(pilot: Pilot[None]) -> None:
        await ask(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "orders 1" in text_of(pilot))
        await until(pilot, lambda: "there is no SmartStream 'sf1'" in text_of(pilot))

    drive_topics(topics, story)


def test_without_a_way_to_other_topics_there_is_no_such_action(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("t")
        titles = {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert "Topics" not in titles
        assert isinstance(pilot.app.screen, Dashboard)

    drive(ScriptedWorkbench(), story)
