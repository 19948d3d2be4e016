"""What a key is called now, for hints on the screen: a person may have chosen another one."""

from typing import Protocol, runtime_checkable

from textual.widget import Widget


@runtime_checkable
class NamesKeys(Protocol):
    """An application that knows."""

    def key_name(self, action: str) -> str:
        """What the first key is called of the action with that id."""


def key_name(widget: Widget, action: str) -> str:
    """What the first key is called of the action with that id, in a widget of the dashboard."""
    app = widget.app
    assert isinstance(app, NamesKeys), "only the dashboard's application shows this"
    return app.key_name(action)
