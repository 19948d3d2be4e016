"""The options of commands that run SmartStreams: what these may use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import click

from engine.runtime.config import ModuleConfig
from tui.cli.options.grouping import option_group
from tui.cli.options.quantities import COUNT_OR_NEVER, GUEST_MEMORY, OUTPUT_SIZE, TIME_LIMIT
from tui.cli.process.failures import report

if TYPE_CHECKING:
    from tui.config.file import ConfigFile


class LimitOptions(TypedDict):
    """What was typed; None stands for the config file's values."""

    record_time: float | None
    """Seconds."""
    memory: int | None
    """Bytes."""
    output_size: int | None
    """Bytes."""
    max_faults: int | None
    """0 for never."""
    allow_build_scripts: bool
    overflow: str


NOTHING_TYPED = LimitOptions(
    record_time=None,
    memory=None,
    output_size=None,
    max_faults=None,
    allow_build_scripts=False,
    overflow="trap",
)


allow_build_scripts_option = click.option(
    "--allow-build-scripts",
    is_flag=True,
    help="Let the build scripts and macros of the crates that a file names run, as you.",
)

overflow_option = click.option(
    "--overflow",
    type=click.Choice(["trap", "wrap"]),
    default="trap",
    show_default=True,
    help="What overflowing arithmetic in a file does: trap, or wrap as in modules built for Fluvio.",
)

build_options = option_group(allow_build_scripts_option, overflow_option)

setting_limits = option_group(
    click.option(
        "--record-time",
        type=TIME_LIMIT,
        metavar="TIME",
        help="How much CPU time a filter may take for one record, e.g. 50ms or 2s.  [default: 250ms]",
    ),
    click.option(
        "--memory",
        type=GUEST_MEMORY,
        metavar="SIZE",
        help="How much memory a filter may use, e.g. 16MiB.  [default: 64MiB]",
    ),
    click.option(
        "--output-size",
        type=OUTPUT_SIZE,
        metavar="SIZE",
        help="How large what a SmartStream makes of one record may be, e.g. 64KiB.  [default: 4MiB]",
    ),
    click.option(
        "--max-faults",
        type=COUNT_OR_NEVER,
        metavar="N",
        help="Stop a filter after N traps and timeouts in a row, or never.  "
        "[default: 1000; in 'smartstream test' never]",
    ),
)
"""Those that the config file has, too."""

limit_options = option_group(setting_limits, build_options)


def module_config(typed: LimitOptions = NOTHING_TYPED) -> ModuleConfig:
    """How a SmartStream is run; problems of the config file go to standard error."""
    config = configured(typed)
    for problem in config.problems:
        report(problem)
    return ModuleConfig(limits=config.settings.limits)


def configured(typed: LimitOptions) -> ConfigFile:
    """The config file, with the limits that the options change."""
    from tui.config.file import read_config

    config = read_config()
    limits = config.settings.limits
    record_time, memory, max_faults = typed["record_time"], typed["memory"], typed["max_faults"]
    output_size = typed["output_size"]
    limits = replace(
        limits,
        record_seconds=limits.record_seconds if record_time is None else record_time,
        memory_bytes=limits.memory_bytes if memory is None else memory,
        output_bytes=limits.output_bytes if output_size is None else output_size,
        faults_in_a_row=limits.faults_in_a_row if max_faults is None else max_faults or None,
        build_scripts=typed["allow_build_scripts"],
        wraps=typed["overflow"] == "wrap",
    )
    return replace(config, settings=replace(config.settings, limits=limits))
