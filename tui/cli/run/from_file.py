"""Builds an inline filter for a command, with the compiler's diagnostics on standard error."""

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
from tui.format import only_colours


def build_inline(path: Path, stop: StopRequest, config: ModuleConfig | None = None) -> SmartStream:
    """Build and load the filter in `path`; see `build_module`."""
    wasm = build_module(path, stop)
    return unless_stopped(lambda job: SmartStream(wasm, config=config, name=path.stem, job=job), stop)


def build_module(path: Path, stop: StopRequest) -> bytes:
    """Build the filter in `path`; `Failure` if it does not build. A signal ends the build and the program."""
    compiled = unless_stopped(InlineSource(path).build, stop)
    _show(compiled.diagnostics)
    if compiled.wasm is None:
        raise Failure(f"build of {path} failed")
    return compiled.wasm


@contextmanager
def watch_inline(path: Path, stop: StopRequest, config: ModuleConfig | None = None) -> Iterator[Succession]:
    """The filter in `path`, built again at every save, with reports on standard error.

    Returns once a version builds. A signal before that ends the program.
    """
    builds = partial(BuildLoop, InlineSource(path))
    with LiveSmartStream(builds, on_build=_report_build, on_stopped=_report_stopped, config=config) as stream:
        while not stream.wait(LOOK_SECONDS):
            stop.exit()
        yield stream


def _report_build(build: BuildResult, running: int) -> None:
    _show(build.diagnostics)
    name = build.path.name
    if build.error is not None:
        click.echo(f"fluvio-tui: {build.error.message}", err=True)
    if not build.ready:
        next_step = f"version {running} keeps running" if running else "waiting for the next save"
        click.echo(f"fluvio-tui: build of {name} failed; {next_step}", err=True)
    elif build.saved is not None:
        milliseconds = round((time.time() - build.saved) * 1000)
        click.echo(
            f"fluvio-tui: switched to version {build.version} of {name} {milliseconds:,} ms after the save",
            err=True,
        )


def _report_stopped(error: SmartStreamError) -> None:
    click.echo(f"fluvio-tui: {error.message}; waiting for the next save", err=True)


def _show(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        click.echo(only_colours(diagnostic.rendered.rstrip()), err=True)
