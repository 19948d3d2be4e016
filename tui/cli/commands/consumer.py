"""`fluvio-tui consumer`: named consumers and their saved positions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from engine import units
from tui.cli.commands.topic import output_option
from tui.cli.composition import open_broker
from tui.cli.options import name_completion as complete
from tui.cli.options.data import data_option
from tui.cli.output.text import table
from tui.cli.process.signals import finish_first

if TYPE_CHECKING:
    from engine.broker.named_consumers import SavedPosition

_HEAD = ("CONSUMER", "TOPIC", "PARTITION", "OFFSET", "LAG", "COMMITTED")
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
        kept = broker.consumers.saved_positions()
        if output == "json":
            click.echo(json.dumps([_object(position) for position in kept], indent=2))
        else:
            click.echo(table(_HEAD, [_row(position) for position in kept]) if kept else _NONE_YET)


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


def _row(position: SavedPosition) -> tuple[str, ...]:
    return (
        position.consumer,
        position.topic,
        f"{position.partition}",
        f"{position.offset}",
        f"{position.lag:,}",
        units.utc_time(position.committed),
    )


def _object(position: SavedPosition) -> dict[str, object]:
    return {
        "consumer": position.consumer,
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
        "end": position.end,
        "lag": position.lag,
        "committed": position.committed,
    }
