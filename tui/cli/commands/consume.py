"""`fluvio-tui consume`: prints the records of a topic, or those that a SmartStream passes."""

from typing import Unpack

import click

from tui.cli.options.completion import names
from tui.cli.options.data import data_option
from tui.cli.options.decoding import DecodeOptions, decode_options
from tui.cli.options.filtering import FilterOptions, filter_options, filtering
from tui.cli.options.positions import PositionOptions, extent, position_options
from tui.cli.options.printing import PrintOptions, print_options, printing
from tui.cli.options.steps import StepsCommand


class ConsumeOptions(FilterOptions, PositionOptions, DecodeOptions, PrintOptions):
    """What was typed."""


@click.command(cls=StepsCommand)
@click.argument("topic", shell_complete=names.topics)
@click.argument(
    "word",
    required=False,
    metavar="[smartmodule|smartstream]",
    type=click.Choice(["smartmodule", "smartstream"]),
)
@filter_options
@position_options
@decode_options
@print_options
@data_option()
@click.pass_context
def consume(ctx: click.Context, topic: str, **options: Unpack[ConsumeOptions]) -> None:
    """Print the records of a topic as they arrive.

    Prints the values of the records in TOPIC, one per line, or of the outputs of SmartStreams, which are
    applied in the order given. A record that one fails on is left out and counted on standard error, unless
    --on-error says otherwise. Offsets are per partition.

    -c saves the position every two seconds and at the end; the next consumer of that name starts there. If it
    is killed, the next one repeats what was printed since. Only one consumer of a name runs at a time,
    unless --share lets several processes on a Kafka cluster have partitions of it each.

    \b
    fluvio-tui consume tp1 smartstream --inline-filter sf1.rs
    fluvio-tui consume tp1 smartstream --inline-filter sf1.rs --watch
    fluvio-tui consume tp1 smartstream --inline sf1.rs -e min=3 --use sf2 --look-back last=10
    fluvio-tui consume tp1 smartstream --transforms-file chain.yaml
    fluvio-tui consume tp1 --where 'record.json("ms") > 250'
    fluvio-tui consume tp1 smartstream --use sf1 -B -d --on-error keep -O json --stats json
    fluvio-tui consume tp1 -B -d -O json
    fluvio-tui consume tp1 -c c1 -B
    fluvio-tui consume tp1 --since 2h --until 1h
    fluvio-tui consume tp1 --decode value=avro --schema-registry http://localhost:8081
    fluvio-tui consume tp1 -T 100 -n 10 -F '{{time}} {{key}}: {{value}}'
    """
    chosen, wanted, how = filtering(ctx, options), extent(options), printing(options)
    if how.format == "raw" and chosen.on_error == "keep":
        raise click.UsageError("-O raw and --on-error keep cannot be used together: raw has no marks")
    from tui.cli.run.consume import print_topic

    print_topic(topic, chosen, how, wanted, options)
