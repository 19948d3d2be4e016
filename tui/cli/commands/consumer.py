"""`fluvio-tui consumer`: named consumers and their saved positions."""

from __future__ import annotations

from dataclasses import asdict

import click

from engine import units
from tui.cli.composition import open_broker
from tui.cli.options import name_completion as complete
from tui.cli.options.data import data_option
from tui.cli.output.listing import Columns, output_option, print_listing
from tui.cli.process.signals import finish_first

_COLUMNS: Columns = {
    "consumer": str,
    "topic": str,
    "partition": str,
    "offset": str,
    "lag": units.count,
    "committed": lambda at: "–" if at is None else units.utc_time(at),
}
_NONE_YET = "no named consumers yet: start one with 'fluvio-tui consume TOPIC -c NAME'"


@click.group()
def consumer() -> None:
    """List and delete named consumers.

    'fluvio-tui consume TOPIC -c NAME' resumes at the saved position of the consumer NAME.
    """


@consumer.command(name="list")
@output_option
@data_option()
def list_consumers(output: str) -> None:
    """List the saved position of each consumer, and its lag behind the end.

    OFFSET is the next offset that it reads.

    \b
    fluvio-tui consumer list
    """
    with finish_first(), open_broker() as broker:
        saved = broker.consumers.saved_positions()
        objects = [{**asdict(position), "lag": position.lag} for position in saved]
        print_listing(output, objects, _COLUMNS, empty=_NONE_YET)


@consumer.command()
@click.argument("name", shell_complete=complete.consumers)
@click.argument("topic", required=False, shell_complete=complete.topics)
@data_option()
def delete(name: str, topic: str | None) -> None:
    """Delete the saved positions of the consumer NAME, in TOPIC or in all topics.

    \b
    fluvio-tui consumer delete c1
    fluvio-tui consumer delete c1 logs
    """
    with finish_first(), open_broker() as broker:
        for found in broker.consumers.delete_positions(name, topic):
            click.echo(f"consumer {name} deleted in topic {found}")
