"""Says where an import that ended early can continue, so that nothing is stored twice."""

from __future__ import annotations

from typing import Self

from engine.errors import InputError
from engine.producer.appending import Appending
from tui.cli.process.failures import report
from tui.cli.process.signals import StopRequest


class Resuming:
    """A context manager around the work on all inputs."""

    def __init__(self, appending: Appending, stop: StopRequest, *, exact: bool) -> None:
        """`exact` says that each batch is stored whole or not at all, however the work ends."""
        self._appending = appending
        self._stop = stop
        self._exact = exact
        self._file: str | None = None

    def begin(self, file: str | None) -> None:
        """Note the input that is read from now on; None is standard input."""
        self._file = file
        self._appending.line = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        line = self._appending.line
        # Standard input has gone on, unless the error is in it.
        if line <= 1 or not (isinstance(error, InputError) or (self._exact and self._file is not None)):
            return
        if error is not None or self._stop.signal:
            otherwise = ", or leave such lines out with --skip-bad" if isinstance(error, InputError) else ""
            name = "standard input" if self._file is None else self._file
            report(
                f"lines of {name} before line {line:,} are stored: go on with --from-line {line}{otherwise}"
            )
