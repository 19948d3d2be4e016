"""The folder of topics that a command works on."""

from __future__ import annotations

from pathlib import Path

import click

_KEY = "fluvio_tui.data"


def choose_data_folder(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    """Take the value of `--data`, if there is one, for the rest of the command line."""
    if value is not None:
        ctx.meta[_KEY] = value


def data_folder(ctx: click.Context | None = None) -> Path:
    """The folder of topics: `--data`, FLUVIO_TUI_DATA, or the platform's place for data."""
    chosen: Path | None = (ctx or click.get_current_context()).meta.get(_KEY)
    if chosen is not None:
        return chosen
    from platformdirs import user_data_path

    return user_data_path("fluvio-tui", appauthor=False)
