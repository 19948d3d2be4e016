"""Runs the server of `fluvio-tui serve`."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import shlex
import socket
import sys
from collections.abc import Sequence

import click

from tui.cli.broker_choice import Typed
from tui.cli.data_folder import data_folder
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import StopRequest
from tui.web.server import DashboardServer


def serve_dashboards(host: str, port: int, command: Sequence[str], stop: StopRequest) -> None:
    """Serve a command of the program until a signal comes; `Failure` if the address cannot be used."""
    os.environ["FLUVIO_TUI_DATA"] = str(data_folder().absolute())
    os.environ.update(Typed.of(click.get_current_context()).variables())
    # Without a shell in between, which would not pass a signal on.
    line = f"exec {shlex.join([sys.executable, '-m', 'tui', *command])}"
    server = DashboardServer(line, host, port)

    def ready(bound: int) -> None:
        click.echo(f"http://{_address(host)}:{bound}/?token={server.token}")
        if not _is_loopback(host):
            report("the connection is not encrypted: use this only in a network that you trust")

    try:
        asyncio.run(server.run(stop.descriptor, ready))
    except OSError as error:
        raise Failure(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            "choose another --port or --host",
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(host: str) -> str:
    """How a browser names a host."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
