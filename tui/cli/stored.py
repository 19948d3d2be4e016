"""A stored SmartStream for a command that goes on, with what becomes of it on standard error."""

import click

from engine.errors import SmartStreamError
from engine.stored.following import FollowingSmartStream
from tui.cli.data import open_store


def follow_stored(name: str) -> FollowingSmartStream:
    """The SmartStream stored as `name`; whatever replaces it takes over, and that is told."""

    def say_replaced() -> None:
        click.echo(f"fluvio-tui: SmartStream {name} was replaced: the new one goes on", err=True)

    def say_problem(error: SmartStreamError) -> None:
        click.echo(f"fluvio-tui: {error.message}; the one before goes on", err=True)

    return FollowingSmartStream(open_store(), name, on_replaced=say_replaced, on_problem=say_problem)
