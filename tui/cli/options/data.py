"""`--data` and `--broker`: where topics are, anywhere on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from tui.cli.broker_choice import (
    BROKER_VARIABLE,
    OPTIONS_VARIABLE,
    add_options,
    choose_broker,
    choose_options_file,
)
from tui.cli.data_folder import choose_data_folder
from tui.cli.options.completion.names import brokers
from tui.cli.options.completion.paths import files, folders
from tui.cli.options.quantities import ASSIGNMENT

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
        envvar=BROKER_VARIABLE if root else None,
        expose_value=False,
        callback=choose_broker,
        shell_complete=brokers,
        help="The broker: kafka://HOST:PORT, fluvio://HOST:PORT, fluvio:PROFILE, embedded, or a name in "
        f"[brokers] of the config file (environment: {BROKER_VARIABLE}).  [default: embedded]",
    )
    options_file = click.option(
        "--broker-config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        envvar=OPTIONS_VARIABLE if root else None,
        expose_value=False,
        callback=choose_options_file,
        shell_complete=files,
        help=f"A file with options of the cluster's client, NAME=VALUE (environment: {OPTIONS_VARIABLE}).",
    )
    options = click.option(
        "-X",
        "broker_options",
        metavar="NAME=VALUE",
        type=ASSIGNMENT,
        multiple=True,
        expose_value=False,
        callback=add_options,
        help="An option of the cluster's client; repeatable.",
    )
    return lambda command: folder(broker(options_file(options(command))))
