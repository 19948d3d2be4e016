"""The broker that a command works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.broker.address import BrokerAddress

VARIABLE = "FLUVIO_TUI_BROKER"

_KEY = "fluvio_tui.broker"


def choose_broker(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Take the value of `--broker`, if there is one, for the rest of the command line."""
    if value:
        ctx.meta[_KEY] = value


def broker_address(ctx: click.Context | None = None) -> BrokerAddress:
    """The broker: that of `--broker` or FLUVIO_TUI_BROKER, or else the embedded one; `BrokerAddressError`."""
    from engine.broker.address import EMBEDDED, parse_address

    return parse_address((ctx or click.get_current_context()).meta.get(_KEY, EMBEDDED))
