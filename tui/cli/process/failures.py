"""How failures become a line on standard error and an exit status."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NoReturn

import click

from engine.errors import EngineError, UnknownSmartStreamError, UnknownTopicError
from tui.cli.process.exit_statuses import INTERNAL_ERROR
from tui.cli.process.streams import STANDARD_OUTPUT

DEBUG = "FLUVIO_TUI_DEBUG"
"""The environment variable that lets tracebacks through."""
REMEDIES = {
    "broker-unreachable": "find the step that fails: 'fluvio-tui doctor', with the same --broker",
    "build-scripts": "allow them with --allow-build-scripts",
    "c-compiler": "run 'fluvio-tui doctor --fix --language javascript', which installs it",
    "cargo": "run 'fluvio-tui doctor', which shows the toolchain in use",
    "corrupt-log": "save what can be read with 'fluvio-tui topic check --repair'",
    "damaged-batch": "skip these records with --skip-damaged, or continue after them with --start {subject}; "
    "the others are not affected",
    "data-folder": "choose another folder with --data DIR",
    "foreign-log": "accept the present one with 'fluvio-tui topic check --repair'",
    "init": "check its parameters, e.g. -e NAME=VALUE",
    "invalid-case": "write such files with 'fluvio-tui smartstream test --record FILE'",
    "look-back": "look back at other records: --look-back last=N,age=TIME",
    "read-only": "remove read-only from [brokers.{subject}] in the config file if it may be changed",
    "record-too-large": "raise the limit with --max-record-bytes",
    "too-many-faults": "fix it: 'fluvio-tui smartstream test' shows its result for single records",
    "toolchain": "run 'fluvio-tui doctor --fix', which installs what is missing",
    "unprepared": "run 'fluvio-tui doctor --fix --language {subject}', once",
    "unknown-consumer": "see 'fluvio-tui consumer list'",
    "unknown-smartstream": "add it with 'fluvio-tui smartstream add {subject} --file FILE.wasm'",
    "unknown-topic": "create it with 'fluvio-tui topic create {subject}'",
}
"""What helps at the command line, by the code of an engine's error."""
_LISTED = {
    "unknown-smartstream": "see 'fluvio-tui smartstream list'",
    "unknown-topic": "see 'fluvio-tui topic list'",
}


class Failure(click.ClickException):
    """An expected failure, shown as its message and, on a line of its own, the remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def show(self, file: IO[Any] | None = None) -> None:
        for line in filter(None, (f"fluvio-tui: {self.message}", self.remedy)):
            click.echo(line, file=file, err=True)


def report(message: str) -> None:
    """Write a line to standard error."""
    click.echo(f"fluvio-tui: {message}", err=True)


@contextmanager
def failing(what: str, remedy: str = "") -> Iterator[None]:
    """Let an `OSError` within this block become the `Failure` that one cannot do `what`."""
    try:
        yield
    except OSError as error:
        raise Failure(f"cannot {what}: {error.strerror or error}", remedy) from error


@contextmanager
def named_to_exist() -> Iterator[None]:
    """Advise the list of topics or SmartStreams about an unknown one, where a new one would not help."""
    try:
        yield
    except (UnknownTopicError, UnknownSmartStreamError) as error:
        raise Failure(error.message, error.advice(_LISTED)) from error


class InternalFailure(Failure):
    """A bug of this program."""

    exit_code = INTERNAL_ERROR

    def __init__(self, error: Exception) -> None:
        described = " ".join(f"{type(error).__name__}: {error}".split())
        super().__init__(f"internal error: {described}", f"set {DEBUG}=1 for a traceback to report it with")


@contextmanager
def failures_reported() -> Iterator[None]:
    """Turn any failure within this block into one that click shows without a traceback."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except (click.ClickException, click.Abort, SystemExit) as error:
        _log(error)
        raise
    except EngineError as error:
        _log(error)
        raise Failure(error.message, error.advice(REMEDIES)) from error
    except BrokenPipeError:
        _discard_output()
        raise SystemExit(0) from None
    except Exception as error:
        _log(error)
        _exit_if_signalled(error)
        if os.environ.get(DEBUG):
            raise
        raise _failure(error) from error


def end_with(error: OSError | RuntimeError) -> NoReturn:
    """End the program because of a failure outside of `failures_reported`."""
    _exit_if_signalled(error)
    if os.environ.get(DEBUG):
        raise error
    failure = _failure(error)
    failure.show()
    raise SystemExit(failure.exit_code)


def _exit_if_signalled(error: BaseException) -> None:
    """Raise the `SystemExit` that Python 3.11 wraps in a `RuntimeError` while it defines a class."""
    cause = error.__cause__
    if isinstance(error, RuntimeError) and isinstance(cause, SystemExit):
        raise cause


def _log(error: BaseException) -> None:
    import logging

    logger = logging.getLogger(__name__)
    # Without a log file, logging would print it on standard error.
    if logger.hasHandlers():
        logger.error("ending: %r", error, exc_info=error)


def _failure(error: Exception) -> Failure:
    if not isinstance(error, OSError) or not error.strerror:
        return InternalFailure(error)
    if error.filename != STANDARD_OUTPUT:
        return Failure(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    _discard_output()
    if error.errno == errno.EBADF:
        return Failure("standard output is closed", "redirect it to a file or /dev/null")
    message = f"cannot write to standard output: {error.strerror}"
    return Failure(message, "redirect it elsewhere, or free some space")


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere, since the reader is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
