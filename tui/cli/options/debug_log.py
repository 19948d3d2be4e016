"""`--log`: a log file, anywhere on the command line."""

from __future__ import annotations

import platform
import sys
import threading
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import __version__
from tui.cli.options.completion.paths import files
from tui.cli.process.failures import failing

if TYPE_CHECKING:
    import logging

_KEY = "fluvio_tui.log"
_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s [%(threadName)s] %(name)s: %(message)s"


def _remember(ctx: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    if path is not None:
        ctx.meta[_KEY] = path
    if not isinstance(ctx.command, click.Group) and not ctx.resilient_parsing:
        begin_log(ctx)


log_option = click.option(
    "--log",
    metavar="FILE",
    type=click.Path(path_type=Path),
    expose_value=False,
    callback=_remember,
    shell_complete=files,
    help="Append a debug log to FILE.",
)


def offer_log(command: click.Command) -> None:
    """Add `--log` to a command, or to each of a group's, if it is missing."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            offer_log(each)
    elif all(parameter.name != "log" for parameter in command.params):
        log_option(command)


def begin_log(ctx: click.Context) -> None:
    """Log to the file named on the command line, if any, until the program ends.

    `Failure` if it cannot be opened.
    """
    path: Path | None = ctx.meta.get(_KEY)
    if path is None:
        return
    import logging

    with failing(f"open the log file {path}", "name another file with --log"):
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    formatter = logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    # Else a full disk would make logging write tracebacks, on the dashboard too.
    logging.raiseExceptions = False
    logging.getLogger().addHandler(handler)
    for name in ("engine", "tui"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    _log_begin_and_end(ctx.find_root(), handler)


def _shown(arguments: list[str]) -> list[str]:
    """Arguments of the command line, without secrets."""
    from engine.broker.address import HIDDEN, without_secrets

    shown = []
    for before, argument in pairwise(["", *arguments]):
        # What is not NAME=VALUE, for -X, may be a secret without its name.
        unnamed = "=" not in argument and (before == "-X" or argument.startswith("-X"))
        shown.append(HIDDEN if unnamed and argument != "-X" else without_secrets(argument))
    return shown


def _log_begin_and_end(root: click.Context, handler: logging.Handler) -> None:
    import logging

    logger = logging.getLogger(__name__)
    started = time.monotonic()
    logger.info("fluvio-tui %s, Python %s, %s", __version__, platform.python_version(), platform.platform())
    logger.info("arguments: %r", _shown(sys.argv[1:]))
    before = threading.excepthook

    def thread_ended(end: threading.ExceptHookArgs) -> None:
        logger.error("thread %s ended", end.thread and end.thread.name, exc_info=end.exc_value)
        before(end)

    def finish() -> None:
        threading.excepthook = before
        logger.info("ended after %.3f s", time.monotonic() - started)
        logging.getLogger().removeHandler(handler)
        with suppress(OSError):  # a full disk
            handler.close()

    threading.excepthook = thread_ended
    root.call_on_close(finish)
