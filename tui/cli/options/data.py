"""`--data`: the folder that topics are kept in, wherever on the line it stands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tui.cli.options.path_completion import folders

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from engine.broker.topics import Compression
    from engine.library.store import SmartStreamStore
    from tui.cli.process.signals import StopRequest

_KEY = "fluvio_tui.data"
_Command = TypeVar("_Command", bound=Callable[..., object])


def data_option(envvar: str | None = None) -> Callable[[_Command], _Command]:
    """Add `--data`; the one nearest to the end of the line counts."""
    return click.option(
        "--data",
        metavar="DIR",
        type=click.Path(path_type=Path),
        envvar=envvar,
        expose_value=False,
        callback=_remember,
        shell_complete=folders,
        help="The folder that topics are kept in (environment: FLUVIO_TUI_DATA).",
    )


def _remember(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.meta[_KEY] = value


def data_folder(ctx: click.Context | None = None) -> Path:
    """The folder that topics are kept in: `--data`, FLUVIO_TUI_DATA, or the platform's place for data."""
    chosen: Path | None = (ctx or click.get_current_context()).meta.get(_KEY)
    if chosen is not None:
        return chosen
    from platformdirs import user_data_path

    return user_data_path("fluvio-tui", appauthor=False)


def open_broker(
    stop: StopRequest | None = None,
    *,
    max_record_bytes: int | None = None,
    compression: Compression | None = None,
) -> Broker:
    """Open the embedded broker in the data folder; a context manager.

    A request to `stop` ends the program also while it waits for another one that keeps the log locked.
    """
    from engine.broker.sqlite.broker import MAX_RECORD_BYTES, EmbeddedBroker

    with nullcontext() if stop is None else stop.at_once():
        limit = max_record_bytes or MAX_RECORD_BYTES
        return EmbeddedBroker.open(data_folder(), max_record_bytes=limit, compression=compression)


def open_store() -> SmartStreamStore:
    """The stored SmartStreams of the data folder, which need not exist yet."""
    from engine.library.store import SmartStreamStore

    return SmartStreamStore(data_folder())
