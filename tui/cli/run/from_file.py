"""Building an inline filter for a command, with rustc's words on standard error."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.diagnostic import Diagnostic
from engine.builds.from_file import InlineSource
from engine.consumer.succession import LiveSmartStream, Succession
from engine.errors import SmartStreamError
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.process.failures import Failure
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS, unless_stopped
from tui.dashboard.present.format import only_colours


def build_inline(path: Path, stop: StopRequest, config: ModuleConfig | None = None) -> SmartStream:
    """Build and load the filter in `path`; see `build_module`."""
    wasm = build_module(path, stop)
    return unless_stopped(lambda job: SmartStream(wasm, config=config, name=path.stem, job=job), stop)


def build_module(path: Path, stop: StopRequest) -> bytes:
    """Build the filter in `path`; `Failure` where it does not build.

    Told to stop, it ends the program once nothing of the build is left.
    """
    compiled = unless_stopped(InlineSource(path).build, stop)
    _show(compiled.diagnostics)
    if compiled.wasm is None:
        raise Failure(f"filter {path} does not build")
    return compiled.wasm


@contextmanager
def watch_inline(path: Path, stop: StopRequest, config: ModuleConfig | None = None) -> Iterator[Succession]:
    """The filter in `path`, built again at every save, with what becomes of it on standard error.

    It is there once a version builds. Told to stop before that, it ends the program.
    """
    builds = partial(BuildLoop, InlineSource(path))
    with LiveSmartStream(builds, on_build=_say_built, on_stopped=_say_stopped, config=config) as stream:
        while not stream.wait(LOOK_SECONDS):
            stop.exit()
        yield stream


def _say_built(build: BuildResult, at_work: int) -> None:
    _show(build.diagnostics)
    name = build.path.name
    if build.error is not None:
        click.echo(f"fluvio-tui: {build.error.message}", err=True)
    if not build.ready:
        next_step = f"version {at_work} goes on" if at_work else "waiting for the next save"
        click.echo(f"fluvio-tui: {name} does not build; {next_step}", err=True)
    elif build.saved is not None:
        milliseconds = round((time.time() - build.saved) * 1000)
        click.echo(
            f"fluvio-tui: {name}, version {build.version}, goes on {milliseconds:,} ms after the save",
            err=True,
        )


def _say_stopped(error: SmartStreamError) -> None:
    click.echo(f"fluvio-tui: {error.message}; waiting for the next save", err=True)


def _show(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        click.echo(only_colours(diagnostic.rendered.rstrip()), err=True)
