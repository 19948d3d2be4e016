"""`fluvio-tui consume`: a topic's records, or those that a SmartStream passes, on standard output."""

import click

from tui.cli.data import data_option
from tui.cli.files import check_readable


@click.command()
@click.argument("topic")
@click.argument("word", required=False, metavar="[smartstream]", type=click.Choice(["smartstream"]))
@click.option(
    "--inline-filter", metavar="FILE.rs", help="Print only the records that the filter in this file passes."
)
@click.option("-B", "--beginning", is_flag=True, help="From the topic's beginning, not from now on.")
@click.option("-d", "--disable-continuous", is_flag=True, help="Stop at the topic's end as it is now.")
@click.option(
    "-O",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Values, or JSON objects with offset, partition, timestamp, key and value.",
)
@data_option()
def consume(
    topic: str,
    word: str | None,
    inline_filter: str | None,
    beginning: bool,
    disable_continuous: bool,
    output: str,
) -> None:
    """Print a topic's records as they come.

    Prints the values of TOPIC's records, one a line. A record that makes the filter fail is left out and
    counted on standard error.

    \b
    fluvio-tui consume tp1 smartstream --inline-filter sf1.rs
    fluvio-tui consume tp1 -B -d -O json
    """
    if word and inline_filter is None:
        raise click.UsageError("'smartstream' needs a filter: add --inline-filter FILE.rs")
    path = None if inline_filter is None else check_readable(inline_filter, "filter")
    from tui.cli.consuming import print_topic

    print_topic(topic, path, output, from_beginning=beginning, to_end=disable_continuous)
