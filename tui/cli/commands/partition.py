"""`fluvio-tui partition`: lists what each partition holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli.commands.topic import NONE_YET, PARTITION_HEAD, output_option, partition_object, partition_row
from tui.cli.composition import open_broker
from tui.cli.options import name_completion as complete
from tui.cli.options.data import data_option
from tui.cli.output.text import table
from tui.cli.process.signals import finish_first

if TYPE_CHECKING:
    from engine.broker.topics import TopicDescription

_HEAD = ("TOPIC", *PARTITION_HEAD, "COMPRESSION")


@click.group()
def partition() -> None:
    """List the partitions of topics."""


@partition.command(name="list")
@click.argument("topic", required=False, shell_complete=complete.topics)
@output_option
@data_option()
def list_partitions(topic: str | None, output: str) -> None:
    """List what each partition of TOPIC holds, or of all topics.

    It holds offsets from START to before END. SIZE is that of the records on disk.

    \b
    fluvio-tui partition list
    fluvio-tui partition list logs
    """
    with finish_first(), open_broker() as broker:
        found = broker.topics.describe(topic)
        if output == "json":
            click.echo(json.dumps([entry for held in found for entry in _objects(held)], indent=2))
        else:
            rows = [row for held in found for row in _rows(held)]
            click.echo(table(_HEAD, rows) if rows else NONE_YET)


def _rows(found: TopicDescription) -> list[tuple[str, ...]]:
    return [(found.topic.name, *partition_row(held), found.options.compression) for held in found.partitions]


def _objects(found: TopicDescription) -> list[dict[str, object]]:
    return [
        {"topic": found.topic.name, **partition_object(held), "compression": found.options.compression}
        for held in found.partitions
    ]
