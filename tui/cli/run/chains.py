"""Opens the steps of a chain for a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.consumer.look_back import looked_back
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.errors import StartError
from engine.library.modules import LARGEST, check_size
from engine.records.batch import Batch, now_ms
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tui.cli.process.failures import failing
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import unless_stopped
from tui.cli.run.smartstreams import open_smartstream


class StepError(Exception):
    """A step cannot start: its init or its look-back failed."""

    def __init__(self, step: int, error: StartError) -> None:
        """`step` is the step's index."""
        super().__init__(error.message)
        self.step = step
        self.error = error


@contextmanager
def open_chain(
    steps: Sequence[Step], config: ModuleConfig, stop: StopRequest, stored: Sequence[Batch]
) -> Iterator[Transform]:
    """The steps as one transform, each built or loaded as it is now, after its look-back over `stored`.

    `StepError` if one cannot start.
    """
    with ExitStack() as opened:
        transforms = []
        for number, step in enumerate(steps):
            try:
                transform = _open(step, step.config(config), stop)
                opened.callback(transform.close)
                _look_back(transform, step, stored)
            except StartError as error:
                raise StepError(number, error) from error
            transforms.append(transform)
        yield transforms[0] if len(transforms) == 1 else Chain(transforms)


def _open(step: Step, config: ModuleConfig, stop: StopRequest) -> SmartStream:
    source = step.source
    match source:
        case InlineFile(path=path):
            return open_smartstream(path, stop, config)
        case StoredName(name=name):
            return open_smartstream(name, stop, config)
        case ModuleFile(path=path):
            wasm = _read(path)
            return unless_stopped(
                lambda job: SmartStream(wasm, config=config, name=str(path), foreign=True, job=job), stop
            )


def _read(path: Path) -> bytes:
    with failing(f"read module {path}"), path.open("rb") as file:
        wasm = file.read(LARGEST + 1)
    check_size(wasm, str(path))
    return wasm


def _look_back(transform: SmartStream, step: Step, stored: Sequence[Batch]) -> None:
    if step.look_back is not None:
        now = now_ms()
        transform.look_back([looked_back(batch, step.look_back, now) for batch in stored])
