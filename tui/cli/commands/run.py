"""`fluvio-tui run`: a pipeline from a topic to a topic."""

from __future__ import annotations

from typing import Unpack

import click

from tui.cli.options.completion import names, paths
from tui.cli.options.data import data_option
from tui.cli.options.decoding import DecodeOptions, decode_options
from tui.cli.options.limits import LimitOptions, limit_options, module_config
from tui.cli.options.pipeline_file import pipeline_in
from tui.cli.options.quantities import LISTENING_ADDRESS
from tui.cli.options.steps import StepOptions, StepsCommand, step_options, steps


class RunOptions(StepOptions, LimitOptions, DecodeOptions):
    """What was typed."""

    name: str | None
    source: str | None
    target: str | None
    dead_letter: str | None
    exactly_once: bool
    skip_existing: bool
    create: bool
    watch: bool
    to_end: bool
    skip_damaged: bool
    stats: str | None
    metrics: tuple[str, int] | None


@click.command(cls=StepsCommand)
@click.argument("file", required=False, shell_complete=paths.files)
@click.option("--from", "source", metavar="TOPIC", shell_complete=names.topics, help="The topic to read.")
@click.option("--to", "target", metavar="TOPIC", shell_complete=names.topics, help="The topic to write to.")
@step_options
@click.option(
    "--name",
    metavar="NAME",
    shell_complete=names.consumers,
    help="The pipeline's name, under which its position is saved.  [default: FROM-to-TO]",
)
@click.option(
    "--dead-letter",
    metavar="TOPIC",
    shell_complete=names.topics,
    help="The topic that gets each record that a step fails on, with the reason in headers. Without it, such "
    "records are left out and counted.",
)
@click.option(
    "--exactly-once",
    is_flag=True,
    help="Save outputs and position in one transaction. Without it, some outputs are written again after a "
    "crash.",
)
@click.option(
    "--skip-existing", is_flag=True, help="Without a saved position, start at the end of the topic."
)
@click.option("--create", is_flag=True, help="Create the topics to write to if they do not exist.")
@click.option(
    "--watch",
    is_flag=True,
    help="Build inline SmartStreams again whenever their files are saved, and switch to the new version.",
)
@click.option("--to-end", is_flag=True, help="Stop at the current end of the topic.")
@click.option(
    "--skip-damaged",
    is_flag=True,
    help="Skip records that are damaged on disk, and report them, instead of stopping there.",
)
@click.option(
    "--stats",
    type=click.Choice(["text", "json"]),
    help="Show the progress each second: as a line of text on standard error, which is the default on a "
    "terminal, or as a JSON object per line on standard output.",
)
@click.option(
    "--metrics",
    type=LISTENING_ADDRESS,
    metavar="[HOST:]PORT",
    help="Serve the counts to Prometheus at http://HOST:PORT/metrics.  [default host: 127.0.0.1]",
)
@decode_options
@limit_options
@data_option()
@click.pass_context
def run(ctx: click.Context, file: str | None, **options: Unpack[RunOptions]) -> None:
    """Run a pipeline: from a topic, through SmartStreams, to a topic.

    FILE describes it in YAML or TOML: a transforms file with the keys from, to, name, dead-letter,
    exactly-once, skip-existing and decode. Options go before it. Without steps, records are copied.

    It runs until it is interrupted (Ctrl-C or SIGTERM), which saves the position and ends it with exit
    status 0. The next run of that name continues there, also with the accumulators of aggregates. The first
    one starts at the beginning of the topic. Stored SmartStreams are always followed.

    \b
    fluvio-tui run --from orders --to big-orders --create --inline-filter sf1.rs
    fluvio-tui run pipeline.yaml --exactly-once --stats json
    fluvio-tui run --from orders --to totals --use revenue --dead-letter failed --metrics 9464
    """
    from engine.pipeline.spec import PipelineDescription, PipelineSpec

    described = PipelineDescription(
        name=options["name"],
        source=options["source"],
        target=options["target"],
        dead_letter=options["dead_letter"],
        exactly_once=options["exactly_once"],
        skip_existing=options["skip_existing"],
        decode=options["decode"],
        steps=steps(ctx, options),
    )
    if file is not None:
        found = pipeline_in(file)
        if found.steps and described.steps:
            raise click.UsageError(f"{file} has steps: they cannot be used together with others")
        described = described.over(found)
    from tui.cli.run.run import Running, run_pipeline

    run_pipeline(
        PipelineSpec.of(described),
        Running(
            config=module_config(options),
            create=options["create"],
            watch=options["watch"],
            to_end=options["to_end"],
            skip_damaged=options["skip_damaged"],
            stats=options["stats"],
            metrics=options["metrics"],
            schema_registry=options["schema_registry"],
        ),
    )
