"""`fluvio-tui consumer`: named consumers and their saved positions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine import units
from tui.cli.composition import open_broker
from tui.cli.options.completion import names as complete
from tui.cli.options.data import data_option
from tui.cli.options.positions import start_of, start_option, start_options
from tui.cli.options.quantities import WholeNumber
from tui.cli.output.listing import Columns, output_option, print_listing
from tui.cli.process.failures import report
from tui.cli.process.signals import finish_first, stop_request

if TYPE_CHECKING:
    from typing import Unpack

    from tui.cli.options.positions import StartOptions

_COLUMNS: Columns = {
    "consumer": str,
    "topic": str,
    "partition": str,
    "offset": str,
    "lag": units.count,
    "committed": lambda at: "–" if at is None else units.utc_time(at),
}
_MOVES: Columns = {
    "partition": str,
    "saved": lambda offset: "–" if offset is None else str(offset),
    "offset": str,
    "lag": units.count,
}
_NONE_YET = "no named consumers yet: start one with 'fluvio-tui consume TOPIC -c NAME'"


@click.group()
def consumer() -> None:
    """List, watch, set and delete named consumers.

    'fluvio-tui consume TOPIC -c NAME' resumes at the saved position of the consumer NAME.
    """


@consumer.command(name="list")
@output_option
@data_option()
def list_consumers(output: str) -> None:
    """List each consumer's saved position, and how far it is behind.

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
@click.option("--watch", is_flag=True, help="Look again every two seconds, until it is stopped.")
@click.option(
    "-O",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text, or JSON lines for programs.",
)
@data_option()
def lag(name: str, topic: str | None, watch: bool, output: str) -> None:
    """Show how far a consumer is behind, in TOPIC or in all topics.

    With --watch also how many offsets it passes in a second, and when it will have caught up.

    \b
    fluvio-tui consumer lag c1
    fluvio-tui consumer lag c1 logs --watch -O json
    """
    with stop_request() as stop, open_broker(stop) as broker:
        from tui.cli.run.consumer_lag import print_lag

        print_lag(broker, stop, name, topic, watch=watch, as_json=output == "json")


@consumer.command()
@click.argument("name", shell_complete=complete.consumers)
@click.argument("topic", required=False, shell_complete=complete.topics)
@data_option()
def delete(name: str, topic: str | None) -> None:
    """Delete a consumer's saved positions, in TOPIC or in all topics.

    \b
    fluvio-tui consumer delete c1
    fluvio-tui consumer delete c1 logs
    """
    with finish_first(), open_broker() as broker:
        for found in broker.consumers.delete_positions(name, topic):
            click.echo(f"consumer {name} deleted in topic {found}")


@consumer.command(name="set")
@click.argument("name", shell_complete=complete.consumers)
@click.argument("topic", shell_complete=complete.topics)
@start_options
@click.option(
    "-p",
    "--partition",
    "partitions",
    type=WholeNumber(0),
    multiple=True,
    metavar="N",
    shell_complete=complete.partitions,
    help="Only this partition; repeatable.",
)
@click.option("-y", "--yes", is_flag=True, help="Save the positions, which are only shown without this.")
@output_option
@data_option()
def set_positions(
    name: str,
    topic: str,
    partitions: tuple[int, ...],
    yes: bool,
    output: str,
    **typed: Unpack[StartOptions],
) -> None:
    """Set where a consumer continues in TOPIC, while it does not run.

    Without -y, each partition is listed with the saved offset and the one that it would be.

    \b
    fluvio-tui consumer set c1 logs --since 2h
    fluvio-tui consumer set c1 logs --beginning --yes
    """
    if not start_option(typed):
        raise click.UsageError("add where to go on: -B, -H N, -T N, --start OFFSET or --since TIME")
    start, _ = start_of(typed)
    with finish_first(), open_broker() as broker:
        from tui.cli.run.consumer_set import moves, save

        found = moves(broker, name, topic, start, partitions)
        if yes:
            save(broker, name, topic, found)
        print_listing(output, [asdict(move) for move in found], _MOVES, empty="")
        if not yes:
            report("nothing was changed: add --yes to save these offsets")
