"""`fluvio-tui topic`: create, list, describe, delete and check topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine import units
from engine.broker.topics import COMPRESSIONS, TopicOptions
from tui.cli.composition import open_broker
from tui.cli.options.completion import names as complete
from tui.cli.options.data import data_option
from tui.cli.options.quantities import ASSIGNMENT, DURATION, SIZE, WholeNumber
from tui.cli.output.listing import Columns, facts, object_table, output_option, print_json, print_listing
from tui.cli.process.failures import named_to_exist
from tui.cli.process.signals import finish_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.broker.topics import Compression, PartitionDescription, TopicDescription

_COLUMNS: Columns = {"name": str, "partitions": str, "records": units.count}
PARTITION_COLUMNS: Columns = {
    "partition": str,
    "start": str,
    "end": str,
    "records": units.count,
    "bytes": lambda held: "–" if held is None else units.size(held),
}
_REPLICA_COLUMNS: Columns = {
    "leader": lambda leader: "none" if leader is None else str(leader),
    "replicas": lambda replicas: ",".join(map(str, replicas)),
    "in_sync": lambda replicas: ",".join(map(str, replicas)) or "none",
}
NONE_YET = "no topics yet: create one with 'fluvio-tui topic create NAME'"


@click.group()
def topic() -> None:
    """Create, list, describe, delete and check topics."""


@topic.command()
@click.argument("name")
@click.option(
    "-p",
    "--partitions",
    type=WholeNumber(1),
    metavar="N",
    default=1,
    show_default=True,
    help="How many partitions.",
)
@click.option(
    "--retention-time",
    type=DURATION,
    metavar="TIME",
    help="Delete records this long after their timestamp, e.g. 12h or 7d.",
)
@click.option(
    "--retention-bytes",
    type=SIZE,
    metavar="BYTES",
    help="Delete the oldest records of a partition beyond this size on disk, e.g. 64MB.",
)
@click.option(
    "--compression",
    type=click.Choice(COMPRESSIONS),
    help="How records are compressed on disk.  [default: lz4; that of the cluster]",
)
@click.option(
    "--replicas",
    type=WholeNumber(1),
    metavar="N",
    help="How many brokers of a cluster keep each partition.  [default: that of the cluster]",
)
@click.option(
    "--config",
    type=ASSIGNMENT,
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of the topic, by the cluster's name for it; repeatable.",
)
@data_option()
def create(
    name: str,
    partitions: int,
    retention_time: float | None,
    retention_bytes: int | None,
    compression: Compression | None,
    replicas: int | None,
    config: tuple[tuple[str, str], ...],
) -> None:
    """Create the topic NAME.

    Without a retention option it keeps all records; in a cluster, what that does by default.

    \b
    fluvio-tui topic create logs
    fluvio-tui topic create orders -p 4 --retention-time 7d --retention-bytes 1GB
    fluvio-tui topic create orders -p 6 --replicas 3 --config cleanup.policy=compact --broker staging
    """
    with finish_first(), open_broker() as broker:
        broker.topics.create(
            name,
            partitions,
            TopicOptions(
                retention_bytes=retention_bytes,
                retention_ms=None if retention_time is None else round(retention_time * 1000),
                compression=compression,
                replicas=replicas,
                config=dict(config),
            ),
        )
        click.echo(f"topic {name} created")


@topic.command(name="list")
@output_option
@data_option()
def list_topics(output: str) -> None:
    """List the topics.

    \b
    fluvio-tui topic list
    """
    with finish_first(), open_broker() as broker:
        found = broker.topics.describe()
        columns = {**_COLUMNS, **_records_column(held for topic in found for held in topic.partitions)}
        print_listing(output, [*map(_object, found)], columns, empty=NONE_YET)


@topic.command()
@click.argument("name", shell_complete=complete.topics)
@output_option
@data_option()
def describe(name: str, output: str) -> None:
    """Show a topic's options and what each partition holds.

    \b
    fluvio-tui topic describe logs
    """
    with named_to_exist(), finish_first(), open_broker() as broker:
        (found,) = broker.topics.describe(name)
        if output == "json":
            print_json(_described_object(found))
        else:
            click.echo(_described(found))


@topic.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete.topics)
@data_option()
def delete(names: tuple[str, ...]) -> None:
    """Delete topics with all their records.

    Commands that read one end with an error.

    \b
    fluvio-tui topic delete logs
    """
    with named_to_exist(), finish_first(), open_broker() as broker:
        for name in names:
            broker.topics.delete(name)
            click.echo(f"topic {name} deleted")


@topic.command()
@click.argument("name", required=False, shell_complete=complete.topics)
@click.option("--repair", is_flag=True, help="Keep a copy of the log, and give up what cannot be read.")
@data_option()
def check(name: str | None, repair: bool) -> None:
    """Check that the records of NAME, or of all topics, are as written.

    Prints which records are missing or damaged; the exit status is 1 if there are any. With --repair they
    are given up, so that reading continues after them, and the status is 0. Their offsets are not used again.

    \b
    fluvio-tui topic check
    fluvio-tui topic check logs --repair
    """
    from tui.cli.run.topic_check import check_topics, repair_topics

    with named_to_exist():
        (repair_topics if repair else check_topics)(name)


def topic_table(topics: Sequence[TopicDescription]) -> str:
    """Topics with their numbers of partitions and records, as text; empty without topics."""
    return object_table([*map(_object, topics)], _COLUMNS)


def partition_columns(partitions: Iterable[PartitionDescription]) -> Columns:
    """The columns of a table of partitions: in a cluster with those of replicas."""
    partitions = list(partitions)
    replicas = _REPLICA_COLUMNS if any(one.replicas for one in partitions) else {}
    return {**PARTITION_COLUMNS, **_records_column(partitions), **replicas}


def _records_column(partitions: Iterable[PartitionDescription]) -> Columns:
    """How numbers of records read: where offsets may have gaps, they are the most that there can be."""
    exact = all(one.offsets.exact for one in partitions)
    return {"records": units.count if exact else lambda count: f"≤ {units.count(count)}" if count else "0"}


def partition_object(held: PartitionDescription) -> dict[str, object]:
    """A partition as a JSON object; in a cluster with its replicas."""
    replicas = {"leader": held.leader, "replicas": held.replicas, "in_sync": held.in_sync}
    return {
        "partition": held.partition,
        "start": held.offsets.start,
        "end": held.offsets.end,
        "records": held.offsets.records,
        "bytes": held.bytes,
        **(replicas if held.replicas else {}),
    }


def _object(found: TopicDescription) -> dict[str, object]:
    return {
        "name": found.topic.name,
        "partitions": len(found.partitions),
        "records": found.records,
        "created": found.topic.created,
    }


def _described(found: TopicDescription) -> str:
    about = [
        ("name", found.topic.name),
        ("created", "–" if found.topic.created is None else units.utc_time(found.topic.created)),
        ("compression", found.options.compression or "–"),
        ("retention", _retention_text(found.options)),
        *found.options.config.items(),
    ]
    columns = partition_columns(found.partitions)
    partitions = object_table([*map(partition_object, found.partitions)], columns)
    return f"{facts(about)}\n\n{partitions}"


def _retention_text(options: TopicOptions) -> str:
    kept = []
    if options.retention_ms is not None:
        kept.append(units.duration(options.retention_ms / 1000))
    if options.retention_bytes is not None:
        kept.append(f"{units.size(options.retention_bytes)} per partition")
    return ", ".join(kept) or "keeps all records"


def _described_object(found: TopicDescription) -> dict[str, object]:
    options = found.options
    return {
        "name": found.topic.name,
        "created": found.topic.created,
        "compression": options.compression,
        "retention_ms": options.retention_ms,
        "retention_bytes": options.retention_bytes,
        "config": dict(options.config),
        "partitions": [partition_object(held) for held in found.partitions],
    }
