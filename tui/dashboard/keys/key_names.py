"""Names of keys for hints on the screen: keys can be remapped."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from textual.widget import Widget

SYMBOLS = {
    "enter": "⏎",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "esc",
}
"""How keys are written where Textual's names for them are long."""

Hints = Mapping[str, str]
"""Words by the action, or the two actions with a space between, that they are about."""


@runtime_checkable
class NamesKeys(Protocol):
    """An application that knows them."""

    def key_name(self, action: str) -> str: ...


def key_name(widget: Widget, action: str) -> str:
    """The name of an action's first key, by the action's id."""
    app = widget.app
    assert isinstance(app, NamesKeys), "only the dashboard's app has these widgets"
    return app.key_name(action)


def hint_line(widget: Widget, group: str, hints: Hints) -> str:
    """The keys of some actions of a group, each with its words."""
    said = ((_together(widget, group, actions.split()), word) for actions, word in hints.items())
    return " · ".join(f"{keys} {word}".rstrip() for keys, word in said)


def _together(widget: Widget, group: str, actions: list[str]) -> str:
    names = [key_name(widget, f"{group}.{action}") for action in actions]
    arrows = all(len(name) == 1 and not name.isalnum() for name in names)
    return ("" if arrows else " ").join(names)
