"""The progress of a pipeline: a line of text that is written over, or JSON lines."""

import json
import sys
import time
from dataclasses import asdict

import click

from engine import units
from engine.pipeline.progress import Progress
from tui.cli.output.progress import CLEAR, terminal_columns
from tui.cli.process.failures import report


class PipelineProgress:
    """Shows what a pipeline has done so far."""

    def __init__(self, name: str, form: str | None) -> None:
        """`form` is `text` or `json`; None for text on a terminal, otherwise for nothing until the end."""
        self._name = name
        self._json = form == "json"
        self._terminal = sys.stderr.isatty()
        self._text = form == "text" or (form is None and self._terminal)
        self._started = self._shown_at = time.monotonic()
        self._before = Progress()
        self._on_line = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        rate = (progress.read - self._before.read) / max(now - self._shown_at, 1e-3)
        self._before, self._shown_at = progress, now
        if self._json:
            members = {"pipeline": self._name, "records_per_second": round(rate), **asdict(progress)}
            click.echo(json.dumps(members))
        elif self._text:
            text = f"{progress_text(progress)}, {units.rate(round(rate))}"
            if self._terminal:
                self.clear()
                # The cursor stays at the start: a line of another thread goes over this one.
                click.echo(f"{text[: terminal_columns() - 1]}\r", err=True, nl=False)
                self._on_line = True
            else:
                report(text)

    def clear(self) -> None:
        """Make room for another line."""
        if self._on_line:
            click.echo(CLEAR, err=True, nl=False)
            self._on_line = False

    def end(self, progress: Progress) -> None:
        """Show all that was done."""
        self.clear()
        if not self._json:
            seconds = time.monotonic() - self._started
            report(f"{self._name}: {progress_text(progress)}, {seconds:.1f} s")


def progress_text(progress: Progress) -> str:
    """What was done, without what there was none of."""
    parts = [units.plural(progress.read, "record"), f"{progress.written:,} written"]
    parts += [
        f"{count:,} {what}"
        for count, what in (
            (progress.dropped, "dropped"),
            (progress.failed, "failed"),
            (progress.lost, "lost"),
            (progress.damaged, "damaged"),
        )
        if count
    ]
    return ", ".join([*parts, f"lag {progress.lag:,}"])
