"""SmartStreams that are replaced while a command runs: a file at every save, a stored one at every change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from engine.broker.module_store import ModuleStore
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.consumer.live_module import StoredRecords
from engine.consumer.succession import LiveSmartStream, Succession
from engine.errors import EngineError, SmartStreamError
from engine.runtime.config import ModuleConfig
from tui.cli.output.build_reports import BuildProgress, report_build
from tui.cli.process.failures import report
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS


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


def _report_stopped(error: SmartStreamError) -> None:
    report(f"{error.message}; waiting for the next save")
