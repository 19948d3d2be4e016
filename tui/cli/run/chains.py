"""Opens the steps of a chain for a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.broker.module_store import LARGEST, ModuleStore, check_size
from engine.consumer.live_module import StoredRecords
from engine.consumer.step import InlineFile, ModuleFile, Step, StepSource, StoredName
from engine.errors import EngineError, StartError
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.composition import open_modules
from tui.cli.process.failures import REMEDIES, failing
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import unless_stopped
from tui.cli.run.building import build_smartstream, load_smartstream
from tui.cli.run.following import follow_file, follow_stored


class StepError(EngineError):
    """A step of a chain cannot start: its init or its look-back failed."""

    def __init__(self, step: int, error: StartError) -> None:
        """`step` is the step's index."""
        super().__init__(error.message, error.advice(REMEDIES))
        self.step = step
        self.error = error


@contextmanager
def open_chain(
    steps: Sequence[Step],
    config: ModuleConfig,
    stop: StopRequest,
    stored: StoredRecords,
    *,
    modules: ModuleStore | None = None,
    follow_files: bool = False,
    follow_store: bool = False,
    keeps_accumulators: bool = False,
) -> Iterator[Transform]:
    """The steps as one transform, each built or loaded now, and after its look-back.

    `follow_files` builds files again at every save, and `follow_store` loads stored SmartStreams again when
    they are replaced; `keeps_accumulators` is for aggregates among them, as for `Succession`. Without
    `modules`, stored SmartStreams are those of the chosen broker, which is opened if there is such a step.
    `StepError` if a step cannot start.
    """
    with ExitStack() as opened:
        transforms: list[Transform] = []
        for number, step in enumerate(steps):
            own = step.config(config)
            if modules is None and isinstance(step.source, StoredName):
                modules = opened.enter_context(open_modules(stop))
            try:
                match step.source:
                    case InlineFile(path=path) if follow_files:
                        transforms.append(
                            opened.enter_context(follow_file(path, stop, own, stored, keeps_accumulators))
                        )
                    case StoredName(name=name) if follow_store:
                        assert modules is not None, "opened above"
                        following = follow_stored(modules, name, stop, own, stored, keeps_accumulators)
                        transforms.append(opened.enter_context(following))
                    case source:
                        smartstream = opened.enter_context(_open(source, own, stop, modules))
                        if own.look_back is not None:
                            smartstream.look_back(stored(own.look_back))
                        transforms.append(smartstream)
            except StartError as error:
                raise StepError(number, error) from error
        yield transforms[0] if len(transforms) == 1 else Chain(transforms)


def _open(
    source: StepSource, config: ModuleConfig, stop: StopRequest, modules: ModuleStore | None
) -> SmartStream:
    match source:
        case InlineFile(path=path):
            return build_smartstream(path, stop, config)
        case StoredName(name=name):
            assert modules is not None, "opened for steps that are stored"
            return load_smartstream(modules, name, stop, config)
        case ModuleFile(path=path):
            wasm = read_module(path)
            return unless_stopped(
                lambda job: SmartStream(wasm, config=config, name=str(path), foreign=True, job=job), stop
            )


def read_module(path: Path) -> bytes:
    """A module in a file; `Failure` if it cannot be read."""
    with failing(f"read module {path}"), path.open("rb") as file:
        wasm = file.read(LARGEST + 1)
    check_size(wasm, str(path))
    return wasm
