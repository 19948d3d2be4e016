"""`fluvio-tui produce`: appends the lines of files or of standard input."""

from __future__ import annotations

from typing import Unpack

import click

from tui.cli.options.completion import names, paths
from tui.cli.options.data import data_option
from tui.cli.options.filtering import fail_on_error_option
from tui.cli.options.input_files import STANDARD_INPUT, check_inputs
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.making import MakingOptions, making, making_options
from tui.cli.options.quantities import RATE
from tui.cli.options.steps import StepOptions, StepsCommand, step_options, steps


class ProduceOptions(MakingOptions, StepOptions, LimitOptions):
    """What was typed."""


@click.command(cls=StepsCommand)
@click.argument("topic", shell_complete=names.topics)
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=paths.files)
@click.option("--create", is_flag=True, help="Create the topic if it does not exist.")
@making_options
@click.option("--rate", type=RATE, metavar="N/s", help="At most this many records per second, evenly.")
@step_options
@click.option(
    "--on-error",
    type=click.Choice(["skip", "stop"]),
    help="For a record that a SmartStream fails on: leave it out and count it (skip, the default), or append "
    "nothing of its request and stop with exit status 1 (stop).",
)
@fail_on_error_option
@limit_options
@data_option()
@click.pass_context
def produce(
    ctx: click.Context,
    topic: str,
    files: tuple[str, ...],
    create: bool,
    rate: float | None,
    on_error: str | None,
    fail_on_error: bool,
    **options: Unpack[ProduceOptions],
) -> None:
    """Append lines to a topic.

    Each line of each FILE, or of standard input, becomes a record of TOPIC, without the newline that ends it.
    At the end, also if you interrupt it, the number of acknowledged records, which are on disk or, in a
    cluster, replicated, goes to standard error. On a terminal, a bar shows the progress.

    SmartStreams are applied in the order given, and their outputs are appended.

    If TOPIC has several partitions, records with the same key go to the same one, and records without a key
    to each in turn. With --json, a value of null is a tombstone, a timestamp is in milliseconds or a time in
    ISO 8601, and headers are an object.

    A line that is no record ends the command; the lines before it are stored, and --from-line continues after
    them. --skip-bad leaves such lines out instead. A record without a time where --time-field or --time-regex
    looks for it has that of the record before it.

    \b
    tail -F /var/log/syslog | fluvio-tui produce logs --create
    fluvio-tui produce orders --key-separator : orders.txt --skip-bad
    fluvio-tui produce logs app.log --multiline '^\\d{4}-' --time-regex '^\\S+ \\S+'
    fluvio-tui produce events events.jsonl --time-field at --header source=import
    fluvio-tui consume a -B -d -O json | fluvio-tui produce b --json
    cat log | fluvio-tui produce logs --inline parse.rs -e field=name --use sf1
    """
    how = making(options)
    inputs = check_inputs(files or (STANDARD_INPUT,))
    chain = steps(ctx, options)
    if (on_error is not None or fail_on_error) and not chain:
        option = "--fail-on-error" if on_error is None else "--on-error"
        raise click.UsageError(f"{option} needs a SmartStream: add --inline FILE or --use NAME")
    from tui.cli.run.produce import Applying, append_inputs

    applying = None
    if chain:
        applying = Applying(
            steps=chain, config=module_config(options), refuses=on_error == "stop", fails=fail_on_error
        )
    append_inputs(topic, inputs, create, how, rate, applying)
