"""`fluvio-tui partition`: lists what each partition holds."""

from __future__ import annotations

import click

from tui.cli.commands.topic import NONE_YET, partition_columns, partition_object
from tui.cli.composition import open_broker
from tui.cli.options.completion import names as complete
from tui.cli.options.data import data_option
from tui.cli.output.listing import Columns, output_option, print_listing
from tui.cli.process.failures import named_to_exist
from tui.cli.process.signals import finish_first


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
    with named_to_exist(), finish_first(), open_broker() as broker:
        described = broker.topics.describe(topic)
        objects = [
            {"topic": found.topic.name, **partition_object(held), "compression": found.options.compression}
            for found in described
            for held in found.partitions
        ]
        of_partitions = partition_columns(held for found in described for held in found.partitions)
        columns: Columns = {"topic": str, **of_partitions, "compression": lambda name: name or "–"}
        print_listing(output, objects, columns, empty=NONE_YET)
