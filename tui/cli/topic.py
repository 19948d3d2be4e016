"""`fluvio-tui topic`: make topics and list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.data import data_option, open_broker
from tui.cli.text import table

if TYPE_CHECKING:
    from engine.broker import Broker


@click.group()
def topic() -> None:
    """Make topics and list them."""


@topic.command()
@click.argument("name")
@data_option()
def create(name: str) -> None:
    """Make the topic NAME.

    \b
    fluvio-tui topic create logs
    """
    with open_broker() as broker:
        broker.create_topic(name)
    click.echo(f"topic {name} created")


@topic.command(name="list")
@data_option()
def list_topics() -> None:
    """List the topics."""
    with open_broker() as broker:
        click.echo(topic_table(broker) or "no topics yet: make one with 'fluvio-tui topic create NAME'")


def topic_table(broker: Broker) -> str:
    """The topics and how many records each holds, as text; empty where there are none."""
    topics = broker.topics()
    if not topics:
        return ""
    rows = [
        (found.name, f"{found.partitions}", f"{_record_count(broker, found.name, found.partitions):,}")
        for found in topics
    ]
    return table(("NAME", "PARTITIONS", "RECORDS"), rows)


def _record_count(broker: Broker, name: str, partitions: int) -> int:
    ranges = (broker.offsets(name, partition) for partition in range(partitions))
    return sum(found.end - found.start for found in ranges)
