"""Builds and opens SmartStreams for commands, with reports on standard error."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from engine.broker.module_description import DOCUMENTATION
from engine.broker.module_store import ModuleStore
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.diagnostic import Diagnostic
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.builds.language import Target
from engine.builds.languages import expression_in, language_of, without_our_files
from engine.builds.source_file import read_source
from engine.consumer.live_module import StoredRecords
from engine.consumer.succession import LiveSmartStream, Succession
from engine.errors import EngineError, SmartStreamError
from engine.library.modules import open_module
from engine.runtime.config import ModuleConfig
from engine.runtime.loading.wasm_sections import with_custom_section
from engine.runtime.smartstream import SmartStream
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS, unless_stopped
from tui.format import only_colours

LOGGED_SECONDS = 10.0
"""Between what a log gets of a build."""
_STEP = ": "
"""Between what is done and the step that it is at."""


def build_module(
    path: Path, stop: StopRequest, config: ModuleConfig, target: Target = Target.FLUVIO_TUI
) -> bytes:
    """Build the filter in `path`; `Failure` if it does not build. A signal ends the build and the program."""
    source = InlineSource(path, limits=config.limits, target=target)
    compiled = unless_stopped(source.build, stop, partial(BuildProgress().say, path))
    expression = expression_in(path)
    if expression is None:
        _show(compiled.diagnostics)
    else:
        _show(in_expression(compiled.diagnostics, expression))
    if compiled.wasm is None:
        raise Failure(f"build of {path} failed" if expression is None else "the expression does not compile")
    return compiled.wasm


def in_expression(diagnostics: Sequence[Diagnostic], expression: Path) -> list[Diagnostic]:
    """The diagnostics about what the user typed, or all if there are none, without names of our files."""
    typed = [one for one in diagnostics if one.location and one.location.path == str(expression)]
    return [replace(one, rendered=without_our_files(one.rendered)) for one in typed or diagnostics]


def build_documented(path: Path, stop: StopRequest, config: ModuleConfig, target: Target) -> bytes:
    """As `build_module`, with the doc comment of the source in the module."""
    documentation = language_of(path).doc_comment(read_source(path))
    wasm = build_module(path, stop, config, target)
    return with_custom_section(wasm, DOCUMENTATION, documentation.encode()) if documentation else wasm


def build_smartstream(path: Path, stop: StopRequest, config: ModuleConfig) -> SmartStream:
    """The filter in `path`, built as `build_module` does."""
    wasm = build_module(path, stop, config)
    return unless_stopped(lambda job: SmartStream(wasm, config=config, name=path.stem, job=job), stop)


def load_smartstream(
    modules: ModuleStore, name: str, stop: StopRequest, config: ModuleConfig, version: int | None = None
) -> SmartStream:
    """A stored SmartStream as it is now, or a version of it; `EngineError`."""
    return unless_stopped(lambda job: open_module(modules, name, version, config=config, job=job), stop)


def follow_file(
    path: Path,
    stop: StopRequest,
    config: ModuleConfig,
    stored: StoredRecords | None,
    keeps_accumulators: bool,
) -> AbstractContextManager[Succession]:
    """The filter in `path`, built again at every save; `keeps_accumulators` as for `Succession`.

    The block starts once a version runs; a signal before that ends the program.
    """
    progress = BuildProgress()
    live = LiveSmartStream(
        partial(BuildLoop, InlineSource(path, limits=config.limits)),
        on_build=report_build,
        on_building=lambda build: progress.say(build.path, build.doing),
        on_stopped=_report_stopped,
        config=config,
        stored=stored,
        keeps_accumulators=keeps_accumulators,
    )
    return _running(live, stop)


def follow_stored(
    modules: ModuleStore,
    name: str,
    stop: StopRequest,
    config: ModuleConfig,
    stored: StoredRecords | None,
    keeps_accumulators: bool,
) -> AbstractContextManager[Succession]:
    """A stored SmartStream, loaded again when it is replaced; `keeps_accumulators` as for `Succession`.

    The block starts once it runs; a signal before that ends the program. `EngineError` if it cannot run.
    """
    fatal: list[EngineError] = []
    live = LiveSmartStream(
        partial(BuildLoop, StoredSource(modules, name)),
        on_build=partial(_report_load, name, fatal.append),
        config=config,
        stored=stored,
        keeps_accumulators=keeps_accumulators,
    )
    return _running(live, stop, fatal)


@contextmanager
def _running(
    live: LiveSmartStream, stop: StopRequest, fatal: Sequence[EngineError] = ()
) -> Iterator[Succession]:
    """The block starts once a version runs, or raises the first of `fatal`, which gets errors meanwhile."""
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


class BuildProgress:
    """Says on standard error why a build takes longer than usual.

    A terminal shows all of it. A log gets what has steps of its own, such as building an interpreter, and of
    these one line in `LOGGED_SECONDS`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said = clock()

    def say(self, path: Path, doing: str) -> None:
        if not sys.stderr.isatty():
            if _STEP not in doing or self._clock() - self._said < LOGGED_SECONDS:
                return
            self._said = self._clock()
        if doing:
            report(f"build of {path.name}: {doing}")


def report_build(build: BuildResult, running: int) -> None:
    """Say what happened to a build, and which version runs."""
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
