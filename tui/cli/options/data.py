"""`--data`: the folder of topics, anywhere on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from tui.cli.options.path_completion import folders

_KEY = "fluvio_tui.data"
_Command = TypeVar("_Command", bound=Callable[..., object])


def data_option(envvar: str | None = None) -> Callable[[_Command], _Command]:
    """Add `--data`; the last one on the line counts."""
    return click.option(
        "--data",
        metavar="DIR",
        type=click.Path(path_type=Path),
        envvar=envvar,
        expose_value=False,
        callback=_remember,
        shell_complete=folders,
        help="The folder of topics (environment: FLUVIO_TUI_DATA).",
    )


def _remember(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.meta[_KEY] = value


def data_folder(ctx: click.Context | None = None) -> Path:
    """The folder of topics: `--data`, FLUVIO_TUI_DATA, or the platform's place for data."""
    chosen: Path | None = (ctx or click.get_current_context()).meta.get(_KEY)
    if chosen is not None:
        return chosen
    from platformdirs import user_data_path

    return user_data_path("fluvio-tui", appauthor=False)
