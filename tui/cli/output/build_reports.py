"""What commands say about builds on standard error: how far they are, what came of them, diagnostics."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from engine.builds.build import BuildResult
from engine.builds.diagnostic import Diagnostic
from engine.builds.languages import without_our_files
from tui.cli.process.failures import report
from tui.format import only_colours

LOGGED_SECONDS = 10.0
"""Between what a log gets of a build."""
_STEP = ": "
"""Between what is done and the step that it is at."""


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
    show_diagnostics(build.diagnostics)
    name = build.path.name
    if build.error is not None:
        report(build.error.message)
    if not build.ready:
        next_step = f"version {running} keeps running" if running else "waiting for the next save"
        report(f"build of {name} failed; {next_step}")
    elif build.saved is not None:
        after = f"{round((time.time() - build.saved) * 1000):,} ms after the save"
        report(f"switched to version {build.version} of {name} {after}")


def in_expression(diagnostics: Sequence[Diagnostic], expression: Path) -> list[Diagnostic]:
    """The diagnostics about what the user typed, or all if there are none, without names of our files."""
    typed = [one for one in diagnostics if one.location and one.location.path == str(expression)]
    return [replace(one, rendered=without_our_files(one.rendered)) for one in typed or diagnostics]


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print what a compiler says."""
    for diagnostic in diagnostics:
        click.echo(only_colours(diagnostic.rendered.rstrip()), err=True)
