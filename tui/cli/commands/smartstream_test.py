"""`fluvio-tui smartstream test`: a SmartStream's verdicts on given records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from engine.builds.languages import SOURCE
from engine.runtime.config import ModuleConfig
from tui.cli.options.color import color_option, colours
from tui.cli.options.completion import names
from tui.cli.options.data import data_option
from tui.cli.options.grouping import only_one
from tui.cli.options.input_files import check_filter, check_inputs, check_readable
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.quantities import WholeNumber
from tui.cli.options.steps import chain_in, param_option

if TYPE_CHECKING:
    from engine.consumer.step import Step

TAIL = 100
MOST_FAILURES = 20
"""Failures that are shown unless more are asked for."""


@click.command()
@click.argument("smartstream", metavar=f"{SOURCE}|wasm|NAME|FILE.yaml")
@param_option("A parameter of the SmartStream, or of the first step of a chain; repeatable.")
@click.option("--text", "texts", multiple=True, metavar="TEXT", help="The value of a record; repeatable.")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="One record per line; - is standard input. Repeatable.",
)
@click.option("--key", metavar="KEY", help="The key of those records.")
@click.option(
    "--topic",
    metavar="TOPIC",
    shell_complete=names.topics,
    help="The newest records of a topic.",
)
@click.option("-B", "--beginning", is_flag=True, help="All records of the topic.")
@click.option(
    "-T",
    "--tail",
    type=WholeNumber(1),
    metavar="N",
    help=f"The newest N records of each partition of the topic.  [default: {TAIL}]",
)
@click.option(
    "--expect", metavar="FILE", help="Use the records in FILE, and compare with the verdicts in it."
)
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write records and verdicts to FILE, for --expect.",
)
@click.option("--update", is_flag=True, help="Let the file of --expect expect what the SmartStream does now.")
@click.option(
    "-v", "--verbose", is_flag=True, help="With --expect, also show what is as expected, after what is not."
)
@click.option(
    "--max",
    "most",
    type=WholeNumber(0),
    default=MOST_FAILURES,
    show_default=True,
    metavar="N",
    help="With --expect, how many records to show that are not as expected.",
)
@limit_options
@click.option(
    "-O",
    "--output",
    type=click.Choice(["table", "json", "junit", "tap"]),
    default="table",
    show_default=True,
    help="A table, or JSON, JUnit's XML or the Test Anything Protocol for programs.",
)
@color_option
@data_option()
def test(
    smartstream: str,
    params: tuple[tuple[str, str], ...],
    texts: tuple[str, ...],
    files: tuple[str, ...],
    key: str | None,
    topic: str | None,
    beginning: bool,
    tail: int | None,
    expect: str | None,
    record: Path | None,
    update: bool,
    verbose: bool,
    most: int,
    output: str,
    color: str,
    **allowed: Unpack[LimitOptions],
) -> None:
    """Run a SmartStream or a chain on records, and show each verdict.

    Each record has a line with its verdict, its offset, its cost and its value; below it are the outputs, the
    failure's message and what the SmartStream printed. The exit status is 1 if any verdict is error, trap or
    timeout; with --expect, if any verdict or output differs from the expected ones; with --record or
    --update, 0.

    With --expect, only records that are not as expected are shown. The file has a JSON object per line, e.g.
    {"value": "order 17", "verdict": "pass"}: write it by hand, with --record, or with 't' in the dashboard.

    \b
    fluvio-tui smartstream test sf1.rs --text 'order 17' --text 'no number'
    fluvio-tui smartstream test sf1.rs --topic logs -T 1000 --record sf1.jsonl
    fluvio-tui smartstream test sf1 --expect sf1.jsonl
    fluvio-tui smartstream test sf1 --expect sf1.jsonl --update
    fluvio-tui smartstream test sf1 --expect sf1.jsonl -O junit
    fluvio-tui smartstream test map.rs -e field=name --text '{"name": "a"}'
    fluvio-tui smartstream test sf1.rs --file lines --record-time 20ms --max-faults 3
    """
    from engine.builds.languages import SUFFIXES

    _check(bool(texts or files), key, topic, beginning, tail, expect)
    if expect is None and (update or verbose):
        raise click.UsageError(f"{'--update' if update else '-v'} needs --expect FILE")
    named = check_inputs(files)
    steps = _steps(smartstream, SUFFIXES, dict(params))
    expected = None if expect is None else check_readable(expect, "expectation file")
    from tui.cli.output.trials import Failures, JsonLines, JUnit, Table, Tap
    from tui.cli.run.smartstream_test import Inputs, print_trials

    coloured = colours(color)
    report = {
        "table": (lambda: Table(coloured))
        if expect is None
        else lambda: Failures(most, rest=verbose, coloured=coloured),
        "json": JsonLines,
        "junit": lambda: JUnit(smartstream),
        "tap": Tap,
    }[output]()

    inputs = Inputs(texts, named, key, topic, last=None if beginning else tail or TAIL)
    # A test needs a verdict for every record, whatever the config file says.
    limits = replace(module_config(allowed).limits, faults_in_a_row=allowed["max_faults"] or None)
    config = ModuleConfig(limits=limits)
    if not print_trials(steps, config, inputs, expect=expected, record=record, update=update, report=report):
        click.get_current_context().exit(1)


def _steps(named: str, suffixes: tuple[str, ...], params: dict[str, str]) -> tuple[Step, ...]:
    """What to run; `Failure` or `ChainFileError` if it is no file that can be used."""
    from engine.consumer.step import MODULE_SUFFIX, Step, StoredName, file_source

    if not named.endswith((".yaml", ".yml")):
        in_file = named.endswith((*suffixes, MODULE_SUFFIX))
        source = file_source(check_filter(named)) if in_file else StoredName(name=named)
        return (Step(source=source, params=params),)
    steps = chain_in(named)
    return (replace(steps[0], params={**steps[0].params, **params}), *steps[1:])


def _check(
    typed: bool, key: str | None, topic: str | None, beginning: bool, tail: int | None, expect: str | None
) -> None:
    if expect is not None and (typed or topic is not None):
        raise click.UsageError("--expect has its own records: remove --text, --file and --topic")
    if expect is None and not typed and topic is None:
        raise click.UsageError("no input: use --text, --file, --topic or --expect")
    if key is not None and not typed:
        raise click.UsageError("--key needs --text or --file")
    if topic is None and (beginning or tail is not None):
        raise click.UsageError("-B and -T need a topic: add --topic TOPIC")
    only_one({"-B": beginning or None, "-T": tail})
