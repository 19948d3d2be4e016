"""Asks for another topic, and opens it with the same filters, or beside those that are open."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.screens.dialogues.input_dialogue import InputDialogue
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.choices import MatchingChoices
from tui.dashboard.widgets.parts.words import quiet

if TYPE_CHECKING:
    from engine.live.workbench import TopicSize, Workbench, Workbenches


class TopicOpened(Message):
    """A workbench over another topic is ready to be shown. The receiver closes it."""

    def __init__(self, workbench: "Workbench", instead: OpenTopic | None = None) -> None:
        """Its panes come at the right, or take the place of those of the topic `instead`."""
        super().__init__()
        self.workbench = workbench
        self.instead = instead


class TopicClosed(Message):
    """The panes of a topic are to be closed; there is another one."""

    def __init__(self, topic: OpenTopic) -> None:
        super().__init__()
        self.topic = topic


async def change_topic(screen: Screen[None], asking: Asking, workbenches: "Workbenches", deck: Deck) -> None:
    """Ask for a topic to show instead of the current pane's, or beside it.

    The app gets a workbench over it.
    """
    here = deck.topic

    async def ask() -> None:
        asking.ask(TopicDialogue(await asyncio.to_thread(workbenches.topics), deck.topics), change)

    async def change(answer: tuple[str, bool]) -> None:
        name, beside = answer
        if all(name != topic.name for topic in deck.topics):
            instead = None if beside else here
            before = None if instead is None else instead.workbench
            opened = await asyncio.to_thread(workbenches.open, name, before)
            screen.post_message(TopicOpened(opened, instead))
        else:
            deck.go_to_topic(name)

    asking.prepare(ask())


class TopicDialogue(InputDialogue[tuple[str, bool]]):
    """Returns the name of a topic, and whether it is to be shown beside those that are open."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+b", "beside", show=False)]

    def __init__(self, topics: "Sequence[TopicSize]", opened: Sequence[OpenTopic]) -> None:
        width = max((len(topic.name) for topic in topics), default=0)
        names = [topic.name for topic in opened]
        self._is_beside = False

        def label(topic: "TopicSize") -> Content:
            records = units.plural(topic.records, "record")
            return topic.name.ljust(width) + quiet(f"  {records}{' · open' if topic.name in names else ''}")

        super().__init__(
            title="topics",
            keys="⏎ opens · ^b beside · ↑ ↓ choose · esc cancels",
            entry=Input(placeholder="type to filter", compact=True),
            choices=MatchingChoices([topic.name for topic in topics], [*map(label, topics)]),
            answer=lambda _, chosen: None if chosen is None else (chosen, self._is_beside),
        )

    def action_beside(self) -> None:
        """Open the chosen topic beside the others."""
        self._is_beside = True
        self.on_input_submitted()


def open_again(consumers: Iterable[ConsumerSnapshot], workbench: "Workbench") -> list[EngineError]:
    """Add the same filters, with their rate limits, to another workbench; the errors of those that fail."""
    problems = []
    for consumer in consumers:
        try:
            workbench.add(consumer.steps, remote=consumer.remote).set_rate_limit(consumer.rate_limit)
        except EngineError as error:
            problems.append(error)
    return problems
