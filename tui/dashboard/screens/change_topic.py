"""Asks for another topic, and opens it with the same filters."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import TopicSize, Workbench, Workbenches


class TopicOpened(Message):
    """A workbench over another topic is there to be shown. It is closed by whoever takes it."""

    def __init__(self, workbench: "Workbench") -> None:
        super().__init__()
        self.workbench = workbench


class ChangeTopic(ModalScreen[str]):
    """Returns the name of a topic."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, topics: Sequence["TopicSize"], here: str) -> None:
        """`here` is the topic that is open now."""
        super().__init__()
        width = max((len(topic.name) for topic in topics), default=0)
        self._choices = Choices(
            [topic.name for topic in topics], [_label(topic, here, width) for topic in topics]
        )

    def compose(self) -> ComposeResult:
        """A line to type a part of a name in, over the topics that have it in theirs."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content("topics")
            box.border_subtitle = Content("⏎ opens · ↑ ↓ choose · esc cancels")
            yield Input(placeholder="part of a name", compact=True)
            yield self._choices

    def on_mount(self) -> None:
        """The first one is as good as any."""
        self._choices.step(1)

    def action_step(self, delta: int) -> None:
        """Highlight another topic."""
        self._choices.step(delta)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the topics that are meant."""
        self._choices.narrow(event.value)
        self._choices.step(1)

    def on_input_submitted(self) -> None:
        """Take the one that is highlighted."""
        if self._choices.chosen is not None:
            self.dismiss(self._choices.chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on one."""
        self.dismiss(event.option_id)


def _label(topic: "TopicSize", here: str, width: int) -> Content:
    records = units.plural(topic.records, "record")
    named = Content(f"{topic.name.ljust(width)}  ")
    return named + Content.styled(f"{records}{' · open' if topic.name == here else ''}", "$foreground 60%")


async def change_topic(screen: Screen[None], asking: Asking, workbenches: "Workbenches", here: str) -> None:
    """Ask for a topic, and tell the application of a workbench over it; `EngineError` where none is known."""

    async def change(name: str) -> None:
        if name != here:
            screen.post_message(TopicOpened(await asyncio.to_thread(workbenches.open, name)))

    asking.ask(ChangeTopic(await asyncio.to_thread(workbenches.topics), here), change)


def open_again(consumers: Iterable[ConsumerSnapshot], workbench: "Workbench") -> list[EngineError]:
    """Add the same filters to another workbench, at their paces; what is wrong with those that cannot be."""
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
