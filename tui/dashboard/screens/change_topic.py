"""Asks for another topic, and opens it with the same filters."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, OptionList

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import TopicSize, Workbench, Workbenches


class TopicOpened(Message):
    """A workbench over another topic is ready to be shown. The receiver closes it."""

    def __init__(self, workbench: "Workbench") -> None:
        super().__init__()
        self.workbench = workbench


class ChangeTopic(InputDialogue[str]):
    """Returns the name of a topic."""

    def __init__(self, topics: Sequence["TopicSize"], here: str) -> None:
        """`here` is the topic that is open now."""
        width = max((len(topic.name) for topic in topics), default=0)
        super().__init__(
            title="topics",
            keys="⏎ opens · ↑ ↓ choose · esc cancels",
            entry=Input(placeholder="type to filter", compact=True),
            choices=Choices(
                [topic.name for topic in topics], [_label(topic, here, width) for topic in topics]
            ),
        )

    def on_mount(self) -> None:
        self.choices.step(1)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.choices.narrow(event.value)
        self.choices.step(1)

    def on_input_submitted(self) -> None:
        if self.choices.chosen is not None:
            self.dismiss(self.choices.chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


def _label(topic: "TopicSize", here: str, width: int) -> Content:
    records = units.plural(topic.records, "record")
    named = Content(f"{topic.name.ljust(width)}  ")
    return named + Content.styled(f"{records}{' · open' if topic.name == here else ''}", "$foreground 60%")


async def change_topic(screen: Screen[None], asking: Asking, workbenches: "Workbenches", here: str) -> None:
    """Ask for a topic, and give the app a workbench over it; `EngineError` if the topics cannot be listed."""

    async def change(name: str) -> None:
        if name != here:
            screen.post_message(TopicOpened(await asyncio.to_thread(workbenches.open, name)))

    asking.ask(ChangeTopic(await asyncio.to_thread(workbenches.topics), here), change)


def open_again(consumers: Iterable[ConsumerSnapshot], workbench: "Workbench") -> list[EngineError]:
    """Add the same filters, with their rate limits, to another workbench; the errors of those that fail."""
    problems = []
    for consumer in consumers:
        try:
            if consumer.path is not None:
                added = workbench.add_inline(consumer.path)
            else:
                added = workbench.add_stored(consumer.name)
            added.set_rate_limit(consumer.rate_limit)
        except EngineError as error:
            problems.append(error)
    return problems
