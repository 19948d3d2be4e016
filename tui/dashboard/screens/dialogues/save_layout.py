"""Asks for a name to save the present panes under."""

from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from tui.dashboard.flow.asking import Asking
from tui.dashboard.present.layout_name import layout_name
from tui.dashboard.screens.dialogues.input_dialogue import InputDialogue


class LayoutNamed(Message):
    """The present panes are to be saved as a layout. The receiver does that."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def save_layout(screen: Screen[None], asking: Asking) -> None:
    """Ask for a name, and tell the app."""

    async def save(name: str) -> None:
        screen.post_message(LayoutNamed(name))

    dialogue = InputDialogue(
        title="save layout",
        keys="⏎ saves · esc cancels",
        entry=Input(placeholder="name", compact=True),
        hint="'fluvio-tui watch --layout NAME' opens the topic with these panes",
        answer=lambda typed, _: layout_name(typed),
    )
    asking.ask(dialogue, save)
