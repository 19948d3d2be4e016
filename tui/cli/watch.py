"""`fluvio-tui watch`: the dashboard on a topic."""

from __future__ import annotations

from typing import Unpack

import click

from tui.cli import names, paths
from tui.cli.data import data_option, open_broker, open_store
from tui.cli.files import check_filter
from tui.cli.limits import LimitOptions, configured, limit_options
from tui.cli.screen import check_terminal, show
from tui.cli.signals import stop_request


@click.command()
@click.argument("topic", shell_complete=names.topics)
@click.option(
    "-f",
    "--filter",
    "filters",
    multiple=True,
    metavar="FILE.rs",
    shell_complete=paths.sources,
    help="A pane with what the filter in this file passes; as often as you like.",
)
@click.option(
    "-s",
    "--smartstream",
    "stored",
    multiple=True,
    metavar="NAME",
    shell_complete=names.smartstreams,
    help="A pane with what this stored SmartStream passes; as often as you like.",
)
@limit_options
@data_option()
def watch(
    topic: str, filters: tuple[str, ...], stored: tuple[str, ...], **limits: Unpack[LimitOptions]
) -> None:
    """Open the dashboard on a topic.

    It shows TOPIC's last records and goes on as they come. Each filter is built again whenever its file is
    saved, and a stored SmartStream is loaded again whenever it is replaced.

    \b
    fluvio-tui watch logs -f sf1.rs -f sf2.rs
    fluvio-tui watch logs -f sf2.rs -s sf1
    fluvio-tui watch logs -f sf1.rs --record-time 50ms --memory 16MiB
    """
    check_terminal(f"fluvio-tui consume {topic}")
    paths = [check_filter(name) for name in filters]
    store = open_store()
    config = configured(limits)
    from tui.cli.stored import check_stored

    with stop_request() as stop:
        check_stored(store, stored, stop, config.settings.limits)
        with open_broker(stop) as broker:
            show(broker, topic, paths, stop, config=config, store=store, stored=stored)
    stop.exit()
