"""A stored SmartStream for a command that goes on, with what becomes of it on standard error."""

from collections.abc import Iterable

import click

from engine.consumer.following import FollowingSmartStream
from engine.errors import EngineError
from engine.library.store import SmartStreamStore
from engine.process import Job
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.composition import open_store
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import unless_stopped


def follow_stored(name: str, stop: StopRequest, config: ModuleConfig | None = None) -> FollowingSmartStream:
    """The SmartStream stored as `name`; whatever replaces it takes over, and that is told.

    Told to stop while it is being loaded, it ends the program.
    """

    def say_replaced() -> None:
        click.echo(f"fluvio-tui: SmartStream {name} was replaced: the new one goes on", err=True)

    def say_problem(error: EngineError) -> None:
        click.echo(f"fluvio-tui: {error.message}; the one before goes on", err=True)

    store = open_store()

    def follow(job: Job) -> FollowingSmartStream:
        return FollowingSmartStream(
            store, name, on_replaced=say_replaced, on_problem=say_problem, config=config, job=job
        )

    return unless_stopped(follow, stop)


def check_stored(
    store: SmartStreamStore, names: Iterable[str], stop: StopRequest, config: ModuleConfig | None = None
) -> None:
    """`EngineError` where one of `names` is not stored or cannot run.

    Told to stop, it ends the program.
    """
    for name in names:
        open_stored(store, name, stop, config).close()


def open_stored(
    store: SmartStreamStore, name: str, stop: StopRequest, config: ModuleConfig | None = None
) -> SmartStream:
    """The SmartStream stored as `name`, as it is now. Told to stop, it ends the program."""
    return unless_stopped(lambda job: store.open(name, config=config, job=job), stop)
