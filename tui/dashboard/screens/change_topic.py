"""Asks for another topic, and opens it with the same filters."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import MatchingChoices
from tui.dashboard.widgets.parts.words import quiet

if TYPE_CHECKING:
    from engine.live.workbench import TopicSize, Workbench, Workbenches


class TopicOpened(Message):
    """A workbench over another topic is ready to be shown. The receiver closes it."""

    def __init__(self, workbench: "Workbench") -> None:
        super().__init__()
        self.workbench = workbench


async def change_topic(screen: Screen[None], asking: Asking, workbenches: "Workbenches", here: str) -> None:
    """Ask for a topic, and give the app a workbench over it; `EngineError` if the topics cannot be listed.

    `here` is the topic that is open now.
    """
    topics = await asyncio.to_thread(workbenches.topics)
    width = max((len(topic.name) for topic in topics), default=0)

    async def change(name: str) -> None:
        if name != here:
            screen.post_message(TopicOpened(await asyncio.to_thread(workbenches.open, name)))

    def label(topic: "TopicSize") -> Content:
        records = units.plural(topic.records, "record")
        return topic.name.ljust(width) + quiet(f"  {records}{' · open' if topic.name == here else ''}")

    dialogue = InputDialogue(
        title="topics",
        keys="⏎ opens · ↑ ↓ choose · esc cancels",
        entry=Input(placeholder="type to filter", compact=True),
        choices=MatchingChoices([topic.name for topic in topics], [*map(label, topics)]),
        answer=lambda _, chosen: chosen,
    )
    asking.ask(dialogue, change)


def open_again(consumers: Iterable[ConsumerSnapshot], workbench: "Workbench") -> list[EngineError]:
    """Add the same filters, with their rate limits, to another workbench; the errors of those that fail."""
    problems = []
    for consumer in consumers:
        try:
            workbench.add(consumer.steps, remote=consumer.remote).set_rate_limit(consumer.rate_limit)
        except EngineError as error:
            problems.append(error)
    return problems
