"""`fluvio-tui smartstream test`: what a SmartStream says of given records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Unpack

import click

from engine.runtime.config import ModuleConfig
from tui.cli.commands.topic import output_option
from tui.cli.options.data import data_option
from tui.cli.options.input_files import check_filter, check_inputs, check_readable
from tui.cli.options.limits import LimitOptions, limit_options, module_config

TAIL = 100


@click.command()
@click.argument("smartstream", metavar="FILE.rs|NAME")
@click.option(
    "--text", "texts", multiple=True, metavar="TEXT", help="A record's value; as often as you like."
)
@click.option("--file", "files", multiple=True, metavar="FILE", help="A record a line; - is standard input.")
@click.option("--key", metavar="KEY", help="The key of those records.")
@click.option("--topic", metavar="TOPIC", help="The last records of a topic.")
@click.option("-B", "--beginning", is_flag=True, help="All of the topic's records.")
@click.option(
    "-T",
    "--tail",
    type=click.IntRange(1),
    metavar="N",
    help=f"The last N records of each of its partitions.  [default: {TAIL}]",
)
@click.option(
    "--expect", metavar="FILE", help="Take the records in FILE, and compare with the verdicts in it."
)
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write records and verdicts to FILE, for --expect.",
)
@limit_options
@output_option
@data_option()
def test(
    smartstream: str,
    texts: tuple[str, ...],
    files: tuple[str, ...],
    key: str | None,
    topic: str | None,
    beginning: bool,
    tail: int | None,
    expect: str | None,
    record: Path | None,
    output: str,
    **allowed: Unpack[LimitOptions],
) -> None:
    """Say what a filter makes of records, one by one.

    Each record has a line with its verdict, its offset, what it cost to evaluate, and its value; below it
    stands why the filter failed on it, and what it printed. The exit status is 1 where the verdict on any
    record is error, trap or timeout; with --expect, where any is not the expected one; with --record, 0.

    \b
    fluvio-tui smartstream test sf1.rs --text 'order 17' --text 'no number'
    fluvio-tui smartstream test sf1.rs --topic logs -T 1000 --record sf1.jsonl
    fluvio-tui smartstream test sf1 --expect sf1.jsonl
    fluvio-tui smartstream test sf1.rs --file lines --record-time 20ms --max-faults 3
    """
    _check(bool(texts or files), key, topic, beginning, tail, expect)
    named = check_inputs(files)
    path = check_filter(smartstream) if smartstream.endswith(".rs") else None
    expected = None if expect is None else check_readable(expect, "expectation file")
    from tui.cli.run.smartstream_test import Inputs, Tried, print_trials

    last = None if beginning else tail or TAIL
    inputs = Inputs(texts, named, key, topic, last)
    # Whoever tries a filter wants a verdict for every record, whatever holds elsewhere.
    limits = replace(module_config(allowed).limits, faults_in_a_row=allowed["max_faults"] or None)
    evaluate = Tried(path or smartstream, ModuleConfig(limits=limits))
    if not print_trials(evaluate, inputs, expected, record, as_json=output == "json"):
        click.get_current_context().exit(1)


def _check(
    typed: bool, key: str | None, topic: str | None, beginning: bool, tail: int | None, expect: str | None
) -> None:
    if expect is not None and (typed or topic is not None):
        raise click.UsageError("--expect has its own records: leave out --text, --file and --topic")
    if expect is None and not typed and topic is None:
        raise click.UsageError("there is nothing to evaluate: add --text, --file, --topic or --expect")
    if key is not None and not typed:
        raise click.UsageError("--key is for the records of --text and --file")
    if topic is None and (beginning or tail is not None):
        raise click.UsageError("-B and -T say which records of a topic: add --topic TOPIC")
    if beginning and tail is not None:
        raise click.UsageError("-B and -T contradict each other: choose one")
