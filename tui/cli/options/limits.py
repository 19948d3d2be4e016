"""The options of whatever runs SmartStreams that say what these may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from tui.cli.options.quantities import COUNT_OR_NEVER, GUEST_MEMORY, TIME_LIMIT

if TYPE_CHECKING:
    from tui.config.file import ConfigFile

_OPTIONS = (
    click.option(
        "--record-time",
        type=TIME_LIMIT,
        metavar="TIME",
        help="How long a filter may take for a record, as in 50ms or 2s.  [default: 250ms]",
    ),
    click.option(
        "--memory",
        type=GUEST_MEMORY,
        metavar="SIZE",
        help="How much memory a filter may have, as in 16MiB.  [default: 64MiB]",
    ),
    click.option(
        "--max-faults",
        type=COUNT_OR_NEVER,
        metavar="N",
        help="Stop a filter after N traps and timeouts in a row, or never.  "
        "[default: 1000; in 'smartstream test' never]",
    ),
)

_Command = TypeVar("_Command", bound=Callable[..., object])


class LimitOptions(TypedDict):
    """What was typed; None for what was not."""

    record_time: float | None
    """Seconds."""
    memory: int | None
    """Bytes."""
    max_faults: int | None
    """0 for never."""


def limit_options(command: _Command) -> _Command:
    """Add the options."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def module_config(typed: LimitOptions) -> ModuleConfig:
    """What a SmartStream may use: as the options say, else the config file, else the defaults.

    What is wrong with the config file is told on standard error.
    """
    return ModuleConfig(limits=_limited(configured_module().limits, typed))


def configured_module() -> ModuleConfig:
    """What the config file lets a SmartStream use; what is wrong with it is told on standard error."""
    from tui.config.file import read_config

    config = read_config()
    for problem in config.problems:
        click.echo(f"fluvio-tui: {problem}", err=True)
    return ModuleConfig(limits=config.settings.limits)


def configured(typed: LimitOptions) -> ConfigFile:
    """The config file, with those limits changed that the options name."""
    from tui.config.file import read_config

    config = read_config()
    settings = replace(config.settings, limits=_limited(config.settings.limits, typed))
    return replace(config, settings=settings)


def _limited(base: Limits, typed: LimitOptions) -> Limits:
    record_time, memory, max_faults = typed["record_time"], typed["memory"], typed["max_faults"]
    if record_time is not None:
        base = replace(base, record_seconds=record_time)
    if memory is not None:
        base = replace(base, memory_bytes=memory)
    if max_faults is not None:
        base = replace(base, faults_in_a_row=max_faults or None)
    return base
