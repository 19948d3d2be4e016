"""`fluvio-tui produce`: appends the lines of files or of standard input."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Unpack

import click

from engine.broker.topics import COMPRESSIONS
from tui.cli.options import name_completion, path_completion
from tui.cli.options.data import data_option
from tui.cli.options.input_files import STANDARD_INPUT, check_inputs
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.quantities import RATE
from tui.cli.options.steps import StepOptions, StepsCommand, step_options, steps

if TYPE_CHECKING:
    from engine.broker.topics import Compression


class ApplyOptions(StepOptions, LimitOptions):
    """What was typed."""


@click.command(cls=StepsCommand)
@click.argument("topic", shell_complete=name_completion.topics)
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=path_completion.files)
@click.option("--create", is_flag=True, help="Create the topic if it does not exist.")
@click.option("--key", metavar="KEY", help="The key of every record.")
@click.option(
    "--key-separator", metavar="TEXT", help="The text between key and value in each line, e.g. ':'."
)
@click.option("--json", is_flag=True, help="Each line is a JSON object, as 'consume -O json' prints them.")
@click.option("--raw", is_flag=True, help="Each file is one record.")
@click.option("--rate", type=RATE, metavar="N/s", help="At most so many records per second, evenly.")
@click.option(
    "--compression",
    type=click.Choice(COMPRESSIONS),
    help="How these records are compressed on disk, regardless of the topic's setting.",
)
@click.option(
    "--max-record-bytes",
    metavar="BYTES",
    type=click.IntRange(1, 512 << 20),
    help="The maximum size of a record.  [default: 16 MiB; that of the cluster]",
)
@step_options
@click.option(
    "--on-error",
    type=click.Choice(["skip", "stop"]),
    help="For a record that a SmartStream fails on: leave it out and count it (skip, the default), or append "
    "nothing of its request and stop with exit status 1 (stop).",
)
@limit_options
@data_option()
@click.pass_context
def produce(
    ctx: click.Context,
    topic: str,
    files: tuple[str, ...],
    create: bool,
    key: str | None,
    key_separator: str | None,
    json: bool,
    raw: bool,
    rate: float | None,
    compression: Compression | None,
    max_record_bytes: int | None,
    on_error: str | None,
    **options: Unpack[ApplyOptions],
) -> None:
    """Append lines to a topic.

    Each line of each FILE, or of standard input, becomes a record of TOPIC, without the newline that ends it.
    At the end, also if you interrupt it, the number of acknowledged records, which are on disk, goes to
    standard error. On a terminal, a bar shows the progress.

    SmartStreams are applied in the order given, and their outputs are appended.

    If TOPIC has several partitions, records with the same key go to the same one, and records without a key
    to each in turn. With --json, a value of null is a tombstone.

    \b
    tail -F /var/log/syslog | fluvio-tui produce logs --create
    fluvio-tui produce orders --key-separator : orders.txt
    fluvio-tui consume a -B -d -O json | fluvio-tui produce b --json
    cat log | fluvio-tui produce logs --inline parse.rs -e field=name --use sf1
    """
    _check({"--key": key, "--key-separator": key_separator, "--json": json or None, "--raw": raw or None})
    if key_separator is not None and not _is_text(key_separator):
        raise click.UsageError("--key-separator must not be empty")
    inputs = check_inputs(files or (STANDARD_INPUT,))
    chain = steps(ctx, options)
    if on_error is not None and not chain:
        raise click.UsageError("--on-error needs a SmartStream: add --inline FILE.rs or --use NAME")
    from tui.cli.run.produce import Applying, Making, append_inputs

    applying = None
    if chain:
        applying = Applying(steps=chain, config=module_config(options), refuses=on_error == "stop")

    every = None if key is None else os.fsencode(key)
    making = Making(every, key_separator, json, raw, max_record_bytes, compression)
    append_inputs(topic, inputs, create, making, rate, applying)


def _check(options: dict[str, object]) -> None:
    given = [option for option, value in options.items() if value is not None]
    if len(given) > 1 and given != ["--key", "--raw"]:
        raise click.UsageError(f"{' and '.join(given)} cannot be used together")


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False
