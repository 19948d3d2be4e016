"""Asks for a name to save the current panes under."""

import re

from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.dialogues.input_dialogue import InputDialogue

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""It becomes the name of a file."""


class LayoutNamed(Message):
    """The current panes are to be saved as a layout. The receiver does that."""

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
        answer=lambda typed, _: _name(typed),
    )
    asking.ask(dialogue, save)


def _name(text: str) -> str:
    """The name that is typed; `InvalidValueError`."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise InvalidValueError(f"invalid name '{name}': use letters, digits, - and _")
    return name
