"""`fluvio-tui watch`: opens the dashboard on a topic."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Unpack

import click
from click.core import ParameterSource

from engine.builds.languages import SOURCE
from engine.runtime.config import LookBack
from tui.cli.broker_choice import broker_choice
from tui.cli.data_folder import data_folder
from tui.cli.options.completion import names, paths
from tui.cli.options.completion.columns import pane_columns
from tui.cli.options.data import data_option
from tui.cli.options.decoding import DecodeOptions, decode_options
from tui.cli.options.formats import COLUMNS, FORMAT, complete_format
from tui.cli.options.limits import LimitOptions, configured, limit_options
from tui.cli.options.panes import panes_of_pipeline, panes_typed
from tui.cli.options.pipeline_file import pipeline_in
from tui.cli.options.quantities import RATE_LIMIT
from tui.cli.options.steps import StepsCommand, order_typed, setting_options
from tui.cli.options.watched import (
    are_lines,
    check_lines,
    complete_watched,
    files_or_topics,
    topic_of_lines,
)
from tui.cli.run.showing.dashboard import TypedLook, check_terminal, use_c_allocator
from tui.cli.run.showing.remembered_panes import topics_of_layout
from tui.cli.run.watch import Watching, watch_topics
from tui.dashboard.app.session_state import Memory

if TYPE_CHECKING:
    from engine.pipeline.spec import PipelineSpec

_NOT_WITH_PIPELINE = (
    *("words", "topics", "filters", "stored", "chains"),
    *("params", "aggregate_initial", "look_back", "fresh", "layout"),
)
"""What names other topics or panes than those of a pipeline."""


class WatchOptions(LimitOptions, DecodeOptions):
    """What was typed, beside what is named below."""


def _needs_a_topic(ctx: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    if (
        not words
        and not any(ctx.params.get(name) for name in ("layout", "topics", "pipeline"))
        and (not ctx.resilient_parsing)
    ):
        raise click.MissingParameter(
            ctx=ctx, param=parameter, param_hint="'TOPIC' (or files, or - for standard input)"
        )
    return words


@click.command(cls=StepsCommand)
@click.argument(
    "words",
    nargs=-1,
    metavar="[TOPIC...|FILE...|-]",
    callback=_needs_a_topic,
    shell_complete=complete_watched,
)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    is_eager=True,
    metavar="TOPIC",
    shell_complete=names.topics,
    help="Panes of this topic beside those of the others; the -f, -s and --chain after it belong to it; "
    "repeatable.",
)
@click.option(
    "-f",
    "--filter",
    "--module",
    "filters",
    multiple=True,
    metavar=f"{SOURCE}|wasm",
    shell_complete=paths.smartstreams,
    help="A pane with what the SmartStream in this file, or this module, passes; repeatable.",
)
@click.option(
    "-s",
    "--smartstream",
    "stored",
    multiple=True,
    metavar="NAME",
    shell_complete=names.smartstreams,
    help="A pane with what this stored SmartStream passes; repeatable.",
)
@click.option(
    "--chain",
    "chains",
    multiple=True,
    metavar="FILE.yaml",
    shell_complete=paths.files,
    help="A pane with what comes out of the chain in this transforms file; repeatable.",
)
@click.option(
    "--pipeline",
    is_eager=True,
    metavar="FILE",
    shell_complete=paths.files,
    help="The pipeline in this file, as run takes it: its source, a pane with what comes out of its steps, "
    "and beside them the topic that it writes to.",
)
@setting_options("the SmartStream of the -f or -s before it")
@click.option(
    "--fresh", is_flag=True, help="Show only the raw stream, without the panes that were open last time."
)
@click.option(
    "--layout",
    is_eager=True,
    metavar="NAME",
    shell_complete=names.layouts,
    help="The topic and panes that were saved under this name in the dashboard (ctrl+s).",
)
@click.option(
    "--rate-limit",
    type=RATE_LIMIT,
    metavar="N/s",
    help="How many records per second each filter evaluates at most, e.g. 50/s, or hold for none.  "
    "[default: max]",
)
@click.option(
    "--run-on",
    type=click.Choice(["spu", "client"]),
    help="Where the SmartStreams of panes run: on the SPUs of a Fluvio cluster (spu), or here (client).  "
    "[default: client, or as a pane was left]",
)
@click.option("--pace", type=RATE_LIMIT, hidden=True, help="The former name of --rate-limit.")
@click.option(
    "--format",
    type=FORMAT,
    metavar="FORMAT",
    shell_complete=complete_format,
    help="What the values are: json, csv:name,level, regex:…, or another of those above; remembered for this "
    "topic. auto looks at the newest records.  [default: auto]",
)
@click.option(
    "--columns",
    type=COLUMNS,
    metavar="NAMES",
    shell_complete=pane_columns,
    help="What rows show, separated by commas: paths of fields (customer.city, items[0].sku), key, time, "
    "partition, value; with a width as in customer.city:12. Remembered for this topic; auto shows what "
    "differs between records.  [default: auto]",
)
@decode_options
@limit_options
@data_option()
def watch(
    words: tuple[str, ...],
    topics: tuple[str, ...],
    filters: tuple[str, ...],
    stored: tuple[str, ...],
    chains: tuple[str, ...],
    pipeline: str | None,
    params: tuple[tuple[str, str], ...],
    aggregate_initial: tuple[str, ...],
    look_back: tuple[LookBack, ...],
    fresh: bool,
    layout: str | None,
    rate_limit: float | None,
    run_on: str | None,
    pace: float | None,
    format: str | None,
    columns: str | None,
    **options: Unpack[WatchOptions],
) -> None:
    """Open the dashboard on topics, on files or on standard input.

    It shows the newest records of TOPIC and follows it; several topics are side by side. A SmartStream is
    built again whenever its file is saved, and a module is loaded again whenever it is replaced; in a chain,
    each step alone. Without -f, -s, --chain and --fresh, it reopens the panes that were open when the
    dashboard on this topic was last closed, with their parameters and rate limits.

    The format of values is that of most of the newest ones. --format names another: json, logfmt, csv or tsv
    with columns (without any, those of the topic's first record), regex: and a regular expression (RE2) with
    a named group for each field, access, apache-error, nginx-error, klog, cri, sshd, syslog5424,
    hdfs, python, log4j, log, go, syslog, text or binary; or how they are decoded: avro, avro:FILE.avsc,
    json-schema or protobuf:FILE.desc:MESSAGE. The config file names formats of topics in [formats].

    FILEs are shown and followed without a topic, in the order of the times in their lines, and so is standard
    input (-). A word names a file if there is one and the word has a dot or a slash.

    \b
    fluvio-tui watch logs -f sf1.rs -f sf2.rs
    fluvio-tui watch /var/log/syslog -f sf1.rs
    fluvio-tui watch app.log ./other.log
    journalctl -f | fluvio-tui watch -
    fluvio-tui watch logs -f sf2.rs -e level=error --look-back last=10 -s sf1
    fluvio-tui watch logs -f built-for-fluvio.wasm
    fluvio-tui watch orders payments
    fluvio-tui watch --topic orders -f large.rs --topic payments -f failed.rs
    fluvio-tui watch logs --chain chain.yaml
    fluvio-tui watch --pipeline pipeline.yaml
    fluvio-tui watch logs
    fluvio-tui watch --layout errors
    fluvio-tui watch logs -f sf1.rs --rate-limit 50/s
    fluvio-tui watch logs --format csv:name,level,text
    fluvio-tui watch logs --columns time,level:5,text
    fluvio-tui watch logs --format 'regex:(?P<level>[a-z]+) (?P<text>.*)'
    fluvio-tui watch logs -f sf1.rs --record-time 50ms --memory 16MiB
    """
    spec = None if pipeline is None else _pipeline(pipeline)
    check_lines(words)
    lines = are_lines(words)
    source_of = click.get_current_context().get_parameter_source
    typed = {
        "topics": topics,
        "filters": filters,
        "stored": stored,
        "chains": chains,
        "params": params,
        "aggregate_initial": aggregate_initial,
        "look_back": look_back,
    }
    named = (topic_of_lines(words),) if lines else words
    given = (
        panes_typed(named, order_typed(click.get_current_context()), typed)
        if spec is None
        else panes_of_pipeline(spec)
    )
    _check_combination(given, lines=lines, looks=format is not None or columns is not None)
    use_c_allocator()
    if not lines:
        check_terminal(f"fluvio-tui consume {(*given, 'TOPIC')[0]}")
    alone = not any(given.values()) and not fresh and spec is None
    choice = broker_choice()
    memory = Memory(data_folder(), "lines" if lines else choice.address.name)
    if layout is not None:
        _check_layout(given, alone=alone)
        given = {topic: [] for topic in topics_of_layout(layout, (*given,), memory)}
    with files_or_topics(words):
        watch_topics(
            Watching(
                panes=given,
                lines=words if lines else (),
                restores=alone,
                # A pipeline's file says which panes to open: those of its topics alone stay as they were.
                keeps=spec is None,
                run_on=run_on,
                limited=any(
                    source_of(name) is not ParameterSource.DEFAULT for name in ("rate_limit", "pace")
                ),
                rate_limit=pace if rate_limit is None else rate_limit,
            ),
            configured(options),
            memory,
            _decode_options(options, spec),
            TypedLook(format=format, columns=columns, broker_color=choice.color),
            notices=[] if spec is None else [f"pipeline {spec.name}: {spec.route}"],
        )


def _pipeline(file: str) -> PipelineSpec:
    """The pipeline in a file; `UsageError` if something else is to be shown, too."""
    from engine.pipeline.spec import PipelineSpec

    typed = click.get_current_context().params
    if any(typed[name] for name in _NOT_WITH_PIPELINE):
        raise click.UsageError(
            "--pipeline cannot be used together with topics, -f, -s, --chain, --fresh and --layout: "
            "its file names the topics and the steps"
        )
    return PipelineSpec.of(pipeline_in(file))


def _decode_options(options: WatchOptions, spec: PipelineSpec | None) -> DecodeOptions:
    """What is decoded: as typed, or else as a pipeline does."""
    decode = options["decode"] or (() if spec is None else spec.decode)
    return {"decode": decode, "schema_registry": options["schema_registry"]}


def _check_layout(topics: Collection[str], *, alone: bool) -> None:
    """`UsageError` if a layout cannot be opened on these topics; `alone` if no panes are asked for."""
    if not alone or len(topics) > 1:
        more = "several topics, " if len(topics) > 1 else ""
        raise click.UsageError(f"--layout cannot be used together with {more}-f, -s, --chain and --fresh")


def _check_combination(topics: Collection[str], *, lines: bool, looks: bool) -> None:
    """`UsageError` if the topics cannot be watched together, or not with what sets their `looks`."""
    if lines and len(topics) > 1:
        raise click.UsageError("topics and files cannot be watched together: leave out --topic or the files")
    if looks and len(topics) > 1:
        raise click.UsageError(
            "--format and --columns are for one topic: 'fluvio-tui watch TOPIC' with them keeps them"
        )
