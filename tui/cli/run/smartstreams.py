"""Builds and opens SmartStreams for commands, with reports on standard error.

A `source` is the path of an inline filter, or the name of a stored SmartStream.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.diagnostic import Diagnostic
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.builds.language import Target
from engine.consumer.live_module import StoredRecords
from engine.consumer.succession import LiveSmartStream, Succession
from engine.errors import EngineError, SmartStreamError
from engine.library.modules import open_module
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.composition import open_store
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS, unless_stopped
from tui.format import only_colours


def build_module(
    path: Path, stop: StopRequest, config: ModuleConfig, target: Target = Target.FLUVIO_TUI
) -> bytes:
    """Build the filter in `path`; `Failure` if it does not build. A signal ends the build and the program."""
    source = InlineSource(path, limits=config.limits, target=target)
    compiled = unless_stopped(source.build, stop, partial(_report_doing, path))
    _show(compiled.diagnostics)
    if compiled.wasm is None:
        raise Failure(f"build of {path} failed")
    return compiled.wasm


def open_smartstream(source: Path | str, stop: StopRequest, config: ModuleConfig) -> SmartStream:
    """The SmartStream as it is now, built if need be; `EngineError`, and `Failure` as `build_module`."""
    if isinstance(source, str):
        store = open_store()
        return unless_stopped(lambda job: open_module(store, source, config=config, job=job), stop)
    wasm = build_module(source, stop, config)
    return unless_stopped(lambda job: SmartStream(wasm, config=config, name=source.stem, job=job), stop)


@contextmanager
def follow(
    source: Path | str, stop: StopRequest, config: ModuleConfig, stored: StoredRecords | None = None
) -> Iterator[Succession]:
    """The SmartStream, built again at every save of its file, or loaded again when it is replaced.

    The block starts once a version runs; a signal before that ends the program. `EngineError` if a stored one
    cannot run at first.
    """
    fatal: list[EngineError] = []
    if isinstance(source, Path):
        builds = partial(BuildLoop, InlineSource(source, limits=config.limits))
        live = LiveSmartStream(
            builds,
            on_build=_report_build,
            on_building=lambda build: _report_doing(build.path, build.doing),
            on_stopped=_report_stopped,
            config=config,
            stored=stored,
        )
    else:
        builds = partial(BuildLoop, StoredSource(open_store(), source))
        report_load = partial(_report_load, source, fatal.append)
        live = LiveSmartStream(builds, on_build=report_load, config=config, stored=stored)
    with live as stream:
        while not stream.wait(LOOK_SECONDS):
            stop.exit()
            if fatal:
                raise fatal[0]
        yield stream


def _report_load(name: str, fail: Callable[[EngineError], None], build: BuildResult, running: int) -> None:
    if build.error is None:
        if build.version > 1:
            report(f"switched to the new version of SmartStream {name}")
    elif running:
        report(f"{build.error.message}; the previous version keeps running")
    else:
        fail(build.error)


def _report_doing(path: Path, doing: str) -> None:
    """Say why a build takes longer than usual, on a terminal."""
    if doing and sys.stderr.isatty():
        report(f"build of {path.name}: {doing}")


def _report_build(build: BuildResult, running: int) -> None:
    _show(build.diagnostics)
    name = build.path.name
    if build.error is not None:
        report(build.error.message)
    if not build.ready:
        next_step = f"version {running} keeps running" if running else "waiting for the next save"
        report(f"build of {name} failed; {next_step}")
    elif build.saved is not None:
        after = f"{round((time.time() - build.saved) * 1000):,} ms after the save"
        report(f"switched to version {build.version} of {name} {after}")


def _report_stopped(error: SmartStreamError) -> None:
    report(f"{error.message}; waiting for the next save")


def _show(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        click.echo(only_colours(diagnostic.rendered.rstrip()), err=True)
