"""`fluvio-tui consume`: a topic's records, or those that a SmartStream passes, on standard output."""

from typing import Unpack

import click

from tui.cli import names, paths
from tui.cli.data import data_option
from tui.cli.files import check_filter
from tui.cli.layout import LayoutOptions, layout, layout_options
from tui.cli.positions import PositionOptions, extent, position_options


class ConsumeOptions(PositionOptions, LayoutOptions):
    """What was typed."""


@click.command()
@click.argument("topic", shell_complete=names.topics)
@click.argument("word", required=False, metavar="[smartstream]", type=click.Choice(["smartstream"]))
@click.option(
    "--inline-filter",
    metavar="FILE.rs",
    shell_complete=paths.sources,
    help="Print only the records that the filter in this file passes.",
)
@click.option(
    "--use-filter",
    metavar="NAME",
    shell_complete=names.smartstreams,
    help="Print only the records that this stored SmartStream passes.",
)
@position_options
@layout_options
@data_option()
def consume(
    topic: str,
    word: str | None,
    inline_filter: str | None,
    use_filter: str | None,
    **options: Unpack[ConsumeOptions],
) -> None:
    """Print a topic's records as they come.

    Prints the values of TOPIC's records, one a line. A record that makes the filter fail is left out and
    counted on standard error. Positions count in each partition by itself.

    With -c it is kept how far it has come, every two seconds and at the end, and the next one of that name
    goes on there; one that was killed repeats what it printed since. One at a time may run under a name.

    \b
    fluvio-tui consume tp1 smartstream --inline-filter sf1.rs
    fluvio-tui consume tp1 smartstream --use-filter sf1
    fluvio-tui consume tp1 -B -d -O json
    fluvio-tui consume tp1 -c c1 -B
    fluvio-tui consume tp1 -T 100 -n 10 -F '{{time}} {{key}}: {{value}}'
    """
    _check_filter(word, inline_filter, use_filter)
    wanted, how = extent(options), layout(options)
    path = None if inline_filter is None else check_filter(inline_filter)
    from tui.cli.consuming import print_topic

    print_topic(topic, path, use_filter, how, wanted)


def _check_filter(word: str | None, inline_filter: str | None, use_filter: str | None) -> None:
    if word and inline_filter is None and use_filter is None:
        raise click.UsageError(
            "'smartstream' needs a filter: add --inline-filter FILE.rs or --use-filter NAME"
        )
    if inline_filter is not None and use_filter is not None:
        raise click.UsageError("--inline-filter and --use-filter each name a filter: choose one")
