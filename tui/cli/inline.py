"""Building an inline filter for a command, with rustc's words on standard error."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path

import click

from engine.build.build import Builder, Compiled
from engine.build.job import Job
from engine.smartstream.smartstream import SmartStream
from tui.cli.failures import Failure
from tui.cli.signals import StopRequest

LOOK_SECONDS = 0.05
"""Between looks at whether to stop."""


def build_inline(path: Path, stop: StopRequest) -> SmartStream:
    """Build and load the filter in `path`; see `build_module`."""
    return SmartStream(build_module(path, stop), name=path.stem)


def build_module(path: Path, stop: StopRequest) -> bytes:
    """Build the filter in `path`; `Failure` where it does not build.

    Told to stop, it ends the program once nothing of the build is left.
    """
    compiled = _compile(path.absolute(), stop)
    for diagnostic in compiled.diagnostics:
        click.echo(diagnostic.rendered.rstrip(), err=True)
    if compiled.error is not None:
        raise compiled.error
    if compiled.wasm is None:
        raise Failure(f"filter {path} does not build")
    return compiled.wasm


def _compile(path: Path, stop: StopRequest) -> Compiled:
    job = Job()
    with ThreadPoolExecutor(1) as thread:
        # Not in this thread, where a signal's exception could get between cargo's start and its end.
        building: Future[Compiled] = thread.submit(Builder(path).build, job)
        while not wait_for([building], LOOK_SECONDS).done:
            if stop.signal:
                job.cancel()
                stop.exit()
    return building.result()
