"""Opens a stored SmartStream for a command, with reports on standard error."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import click

from engine.broker.module_store import ModuleStore
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_library import StoredSource
from engine.consumer.succession import LiveSmartStream, Succession
from engine.errors import EngineError
from engine.library.modules import open_module
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.composition import open_store
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS, unless_stopped


@contextmanager
def follow_stored(name: str, stop: StopRequest, config: ModuleConfig | None = None) -> Iterator[Succession]:
    """The SmartStream stored as `name`, and whatever replaces it, with a line on standard error each time.

    `EngineError` if it is not stored or cannot run. A signal while it is being loaded ends the program.
    """
    problems: list[EngineError] = []

    def report(build: BuildResult, running: int) -> None:
        if build.error is None:
            if build.version > 1:
                click.echo(f"fluvio-tui: switched to the new version of SmartStream {name}", err=True)
        elif running:
            click.echo(f"fluvio-tui: {build.error.message}; the previous version keeps running", err=True)
        else:
            problems.append(build.error)

    builds = partial(BuildLoop, StoredSource(open_store(), name))
    with LiveSmartStream(builds, on_build=report, config=config) as stream:
        while not stream.wait(LOOK_SECONDS):
            stop.exit()
            if problems:
                raise problems[0]
        yield stream


def check_stored(
    store: ModuleStore, names: Iterable[str], stop: StopRequest, config: ModuleConfig | None = None
) -> None:
    """`EngineError` if one of `names` is not stored or cannot run. A signal ends the program."""
    for name in names:
        open_stored(store, name, stop, config).close()


def open_stored(
    store: ModuleStore, name: str, stop: StopRequest, config: ModuleConfig | None = None
) -> SmartStream:
    """The SmartStream stored as `name`, as it is now. A signal ends the program."""
    return unless_stopped(lambda job: open_module(store, name, config=config, job=job), stop)
