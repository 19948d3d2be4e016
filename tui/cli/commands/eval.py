"""`fluvio-tui eval`: applies SmartStreams to standard input, without a broker."""

from __future__ import annotations

from typing import Unpack

import click

from engine.builds.languages import SOURCE
from tui.cli.options.completion import paths
from tui.cli.options.data import data_option
from tui.cli.options.decoding import DecodeOptions, decode_options
from tui.cli.options.filtering import fail_on_error_option
from tui.cli.options.input_files import check_readable
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.printing import PrintOptions, print_options, printing
from tui.cli.options.steps import StepOptions, StepsCommand, step_options, steps, steps_named


class EvalOptions(StepOptions, LimitOptions, DecodeOptions, PrintOptions):
    """What was typed."""


@click.command(name="eval", cls=StepsCommand)
@click.argument("words", nargs=-1, metavar=f"[EXPRESSION|{SOURCE}]...", shell_complete=paths.smartstreams)
@step_options
@click.option("--json", is_flag=True, help="Each line is a JSON object, as 'consume -O json' prints them.")
@click.option(
    "--stored",
    metavar="FILE",
    shell_complete=paths.files,
    help="Records that come before the input, for --look-back; lines as on standard input.",
)
@click.option(
    "--on-error",
    type=click.Choice(["skip", "stop"]),
    default="skip",
    help="For a record that a step fails on: leave it out (skip, the default), or stop with exit status 1.",
)
@fail_on_error_option
@limit_options
@decode_options
@print_options
@data_option()
@click.pass_context
def eval(
    ctx: click.Context,
    words: tuple[str, ...],
    json: bool,
    stored: str | None,
    on_error: str,
    fail_on_error: bool,
    **options: Unpack[EvalOptions],
) -> None:
    """Apply SmartStreams to the lines of standard input.

    No broker is needed. Each line is a record; the values of the outputs are printed, one per line.

    An EXPRESSION is Rust: a condition passes lines, and anything else is printed, except None. It may use
    text, value (bytes) and record, e.g. record.json("customer.city"). A word that ends like a source, a
    module or a transforms file names one. They are applied in the order given, before --inline, --use and
    --module.

    With -O json, in the order of the input: an object for each output, with the index of its record, counted
    from 0, as "input"; and one for each record that a step fails on, with "input", "status", the index of the
    step, and the message.

    A step whose init or look-back fails ends the command with exit status 3.

    \b
    cat log | fluvio-tui eval 'text.contains("error")'
    cat log | fluvio-tui eval 'record.json("ms") > 250'
    cat log | fluvio-tui eval 'record.json("level") == "error"' 'record.json("message")'
    cat log | fluvio-tui eval sf1.rs
    cat log | fluvio-tui eval --inline map.rs -e field=name --use sf1 -O json
    """
    how = printing(options)
    chain = steps(ctx, options, [step for word in words for step in steps_named(word)])
    if not chain and options["transforms_file"] is None:
        raise click.UsageError(
            "no SmartStream: add an expression or a file, --inline FILE, --use NAME or --module FILE.wasm"
        )
    before = None if stored is None else check_readable(stored, "file of stored records")
    from tui.cli.run.eval import evaluate_input

    evaluate_input(
        chain,
        module_config(options),
        how,
        as_json=json,
        stored=before,
        decode=options,
        stop_on_error=on_error == "stop",
        fail_on_error=fail_on_error,
    )
