"""`fluvio-tui watch`: the dashboard on a topic."""

from __future__ import annotations

import click

from tui.cli.data import data_option, open_broker
from tui.cli.files import check_readable
from tui.cli.screen import check_terminal, show
from tui.cli.signals import stop_request


@click.command()
@click.argument("topic")
@click.option(
    "-f",
    "--filter",
    "filters",
    multiple=True,
    metavar="FILE.rs",
    help="A pane with what the filter in this file passes; as often as you like.",
)
@data_option()
def watch(topic: str, filters: tuple[str, ...]) -> None:
    """Open the dashboard on a topic.

    It shows TOPIC's last records and goes on as they come. Each filter is built again whenever its file is
    saved.

    \b
    fluvio-tui watch logs -f sf1.rs -f sf2.rs
    """
    check_terminal(f"fluvio-tui consume {topic}")
    paths = [check_readable(name, "filter") for name in filters]
    with stop_request() as stop, open_broker() as broker:
        show(broker, topic, paths, stop)
    stop.exit()
