"""The options that describe panes, in the order in which they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from engine.consumer.step import Step, StoredName, file_source
from tui.cli.options.input_files import check_filter
from tui.cli.options.steps import chain_in, with_setting
from tui.dashboard.app.session_state import OpenPane

if TYPE_CHECKING:
    from engine.pipeline.spec import PipelineSpec

_TOPICS = "topics"
_PANES = ("filters", "stored", "chains")


def panes_typed(
    topics: Sequence[str], order: Iterable[str], typed: Mapping[str, Sequence[Any]]
) -> dict[str, list[OpenPane]]:
    """The panes of each topic, by what was typed for each option.

    `UsageError`, `Failure` or `ChainFileError`.
    `topics` are those named without --topic. A setting belongs to the pane before it, a pane to the --topic
    before it, or else to the only one of `topics`.
    """
    values = {name: iter(given) for name, given in typed.items()}
    panes: dict[str, list[tuple[str, tuple[Step, ...]]]] = {topic: [] for topic in topics}
    here = panes[topics[0]] if len(panes) == 1 else None
    for name in order:
        if name == _TOPICS:
            here = panes.setdefault(next(values[name]), [])
        elif name in _PANES:
            if here is None:
                raise click.UsageError(
                    "several topics: write --topic TOPIC before the -f, -s and --chain that belong to it"
                )
            here.append((name, _steps(name, next(values[name]))))
        elif name in values:
            if not here or here[-1][0] == "chains":
                raise click.UsageError(
                    "no SmartStream to apply this setting to: write it after -f FILE or -s NAME, or "
                    "into the file of the chain"
                )
            kind, (step,) = here[-1]
            here[-1] = kind, (with_setting(step, name, next(values[name])),)
    return {topic: [OpenPane(steps=steps) for _, steps in opened] for topic, opened in panes.items()}


def panes_of_pipeline(spec: PipelineSpec) -> dict[str, list[OpenPane]]:
    """A pane with what a pipeline's steps make of its source, if it has any, and none of the target."""
    return {spec.source: [OpenPane(steps=spec.steps)] if spec.steps else [], spec.target: []}


def _steps(name: str, value: str) -> tuple[Step, ...]:
    if name == "filters":
        return (Step(source=file_source(check_filter(value))),)
    if name == "stored":
        return (Step(source=StoredName(name=value)),)
    return chain_in(value)
