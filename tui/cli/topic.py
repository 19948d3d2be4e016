"""`fluvio-tui topic`: make topics, list, describe and delete them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli import names as complete
from tui.cli.data import data_option, open_broker
from tui.cli.quantities import byte_count, milliseconds
from tui.cli.signals import finish_first
from tui.cli.text import duration, moment, size, table

if TYPE_CHECKING:
    from engine.broker import Broker
    from engine.embedded.broker import EmbeddedBroker
    from engine.embedded.partition import Retention

output_option = click.option(
    "-O",
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For people, or for programs.",
)


@click.group()
def topic() -> None:
    """Make topics, list, describe and delete them."""


@topic.command()
@click.argument("name")
@click.option(
    "-p", "--partitions", type=click.IntRange(1), default=1, show_default=True, help="How many partitions."
)
@click.option(
    "--retention-time",
    type=milliseconds,
    metavar="TIME",
    help="Drop records this long after, as in 12h or 7d.",
)
@click.option(
    "--retention-bytes",
    type=byte_count,
    metavar="BYTES",
    help="Drop the oldest records of a partition beyond this much on disk, as in 64MB.",
)
@data_option()
def create(name: str, partitions: int, retention_time: int | None, retention_bytes: int | None) -> None:
    """Make the topic NAME.

    Without retention it keeps everything.

    \b
    fluvio-tui topic create logs
    fluvio-tui topic create orders -p 4 --retention-time 7d --retention-bytes 1GB
    """
    with finish_first(), open_broker() as broker:
        broker.create_topic(name, partitions, retention_ms=retention_time, retention_bytes=retention_bytes)
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
        if output == "json":
            click.echo(json.dumps(_topic_objects(broker), indent=2))
        else:
            click.echo(topic_table(broker) or "no topics yet: make one with 'fluvio-tui topic create NAME'")


@topic.command()
@click.argument("name", shell_complete=complete.topics)
@output_option
@data_option()
def describe(name: str, output: str) -> None:
    """Say what the topic NAME is and what each of its partitions holds.

    \b
    fluvio-tui topic describe logs
    """
    with finish_first(), open_broker() as broker:
        click.echo(_described_as_json(broker, name) if output == "json" else _described(broker, name))


@topic.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete.topics)
@data_option()
def delete(names: tuple[str, ...]) -> None:
    """Delete topics with all their records, at once.

    Whoever reads one is told that it is gone.

    \b
    fluvio-tui topic delete logs
    """
    with finish_first(), open_broker() as broker:
        for name in names:
            broker.delete_topic(name)
            click.echo(f"topic {name} deleted")


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


def _topic_objects(broker: Broker) -> list[dict[str, object]]:
    return [
        {
            "name": found.name,
            "partitions": found.partitions,
            "records": _record_count(broker, found.name, found.partitions),
            "created": found.created,
        }
        for found in broker.topics()
    ]


def _record_count(broker: Broker, name: str, partitions: int) -> int:
    ranges = (broker.offsets(name, partition) for partition in range(partitions))
    return sum(found.end - found.start for found in ranges)


def _described(broker: EmbeddedBroker, name: str) -> str:
    stored = broker.stored_topic(name)
    about = (
        ("name", name),
        ("created", moment(stored.topic.created)),
        ("compression", stored.codec),
        ("retention", _retention_text(stored.retention)),
    )
    width = max(len(word) for word, _ in about) + 2
    head = "\n".join(f"{word.ljust(width)}{value}" for word, value in about)
    ranges = [broker.offsets(name, partition) for partition in range(stored.topic.partitions)]
    rows = [
        (f"{partition}", f"{held.start}", f"{held.end}", f"{held.end - held.start:,}")
        for partition, held in enumerate(ranges)
    ]
    return f"{head}\n\n{table(('PARTITION', 'START', 'END', 'RECORDS'), rows)}"


def _retention_text(retention: Retention) -> str:
    kept = []
    if retention.milliseconds is not None:
        kept.append(duration(retention.milliseconds))
    if retention.bytes is not None:
        kept.append(f"{size(retention.bytes)} a partition")
    return ", ".join(kept) or "keeps everything"


def _described_as_json(broker: EmbeddedBroker, name: str) -> str:
    stored = broker.stored_topic(name)
    ranges = [broker.offsets(name, partition) for partition in range(stored.topic.partitions)]
    described = {
        "name": name,
        "created": stored.topic.created,
        "compression": stored.codec,
        "retention_ms": stored.retention.milliseconds,
        "retention_bytes": stored.retention.bytes,
        "partitions": [
            {"partition": partition, "start": held.start, "end": held.end}
            for partition, held in enumerate(ranges)
        ],
    }
    return json.dumps(described, indent=2)
