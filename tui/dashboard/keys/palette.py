"""The command palette's entries: every action that has a key."""

from collections.abc import Iterator
from functools import partial

from textual.actions import parse
from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen


def commands(screen: Screen[object]) -> Iterator[SystemCommand]:
    """What can be done now, in the order of the keys."""
    for node in filter(None, (screen, screen.focused)):
        for binding in node.BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                _, name, parameters = parse(binding.action)
                if node.check_action(name, parameters):
                    title = binding.description
                    yield SystemCommand(
                        title, binding.tooltip or title, partial(node.run_action, binding.action)
                    )
