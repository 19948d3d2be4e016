"""`--data` and `--broker`: where topics are, anywhere on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from tui.cli.broker_choice import VARIABLE, choose_broker
from tui.cli.data_folder import choose_data_folder
from tui.cli.options.path_completion import folders

_Command = TypeVar("_Command", bound=Callable[..., object])


def data_option(*, root: bool = False) -> Callable[[_Command], _Command]:
    """Add `--data` and `--broker`; the last one on the line counts.

    The `root` also takes those of the environment.
    """
    folder = click.option(
        "--data",
        metavar="DIR",
        type=click.Path(path_type=Path),
        envvar="FLUVIO_TUI_DATA" if root else None,
        expose_value=False,
        callback=choose_data_folder,
        shell_complete=folders,
        help="The folder of topics (environment: FLUVIO_TUI_DATA).",
    )
    broker = click.option(
        "--broker",
        metavar="BROKER",
        envvar=VARIABLE if root else None,
        expose_value=False,
        callback=choose_broker,
        help="The broker: kafka://HOST:PORT, fluvio://HOST:PORT, fluvio:PROFILE, embedded, or a name in "
        f"[brokers] of the config file (environment: {VARIABLE}).  [default: embedded]",
    )
    return lambda command: folder(broker(command))
