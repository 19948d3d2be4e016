"""The command palette's entries: every action that has a key."""

from collections.abc import Iterator
from functools import partial

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget


def commands(screen: Screen[object]) -> Iterator[SystemCommand]:
    """What can be done now, in the order of the keys."""
    for node in (screen, screen.focused):
        if node is not None:
            yield from _commands_of(node)


def _commands_of(node: Widget) -> Iterator[SystemCommand]:
    for binding in node.BINDINGS:
        if isinstance(binding, Binding) and binding.id and node.check_action(_name(binding.action), ()):
            title = binding.description
            yield SystemCommand(title, binding.tooltip or title, partial(node.run_action, binding.action))


def _name(action: str) -> str:
    return action.partition("(")[0].rpartition(".")[2]
