"""Names of keys for hints on the screen: keys can be remapped."""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from rich.cells import cell_len
from textual.widget import Widget

SYMBOLS = {
    "enter": "⏎",
    "question_mark": "?",
    "slash": "/",
    "ampersand": "&",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
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

    def key_name(self, action: str, otherwise: str = ...) -> str: ...


def key_name(widget: Widget, action: str) -> str:
    """The name of an action's first key, by the action's id."""
    app = widget.app
    assert isinstance(app, NamesKeys), "only the dashboard's app has these widgets"
    return app.key_name(action)


def fitting_hints(widget: Widget, group: str, forms: Iterable[Hints], cells: int) -> str:
    """The first of some forms, ever shorter, whose line fits; the last one if none does."""
    line = ""
    for form in forms:
        line = hint_line(widget, group, form)
        if cell_len(line) <= cells:
            break
    return line


def hint_line(widget: Widget, group: str, hints: Hints) -> str:
    """The keys of some actions of a group, or of another if they name it, each with its words."""
    said = []
    for actions, words in hints.items():
        ids = (action if "." in action else f"{group}.{action}" for action in actions.split())
        names = [key_name(widget, action) for action in ids]
        arrows = all(len(name) == 1 and not name.isalnum() for name in names)
        said.append(f"{('' if arrows else ' ').join(names)} {words}".rstrip())
    return " · ".join(said)
