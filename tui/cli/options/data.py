"""`--data`: the folder of topics, anywhere on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from tui.cli.data_folder import choose_data_folder
from tui.cli.options.path_completion import folders

_Command = TypeVar("_Command", bound=Callable[..., object])


def data_option(envvar: str | None = None) -> Callable[[_Command], _Command]:
    """Add `--data`; the last one on the line counts."""
    return click.option(
        "--data",
        metavar="DIR",
        type=click.Path(path_type=Path),
        envvar=envvar,
        expose_value=False,
        callback=choose_data_folder,
        shell_complete=folders,
        help="The folder of topics (environment: FLUVIO_TUI_DATA).",
    )
