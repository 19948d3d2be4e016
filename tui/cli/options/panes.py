"""The options that describe panes, in the order in which they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from engine.consumer.step import Step, StoredName, file_source
from tui.cli.options.input_files import check_filter
from tui.cli.options.steps import chain_in, with_setting
from tui.dashboard.app.session_state import OpenPane

_PANES = ("filters", "stored", "chains")


def panes_typed(order: Iterable[str], typed: Mapping[str, Sequence[Any]]) -> list[OpenPane]:
    """The panes, by what was typed for each option; `UsageError`, `Failure` or `ChainFileError`.

    A setting belongs to the pane before it.
    """
    values = {name: iter(given) for name, given in typed.items()}
    panes: list[tuple[str, tuple[Step, ...]]] = []
    for name in order:
        if name in _PANES:
            panes.append((name, _steps(name, next(values[name]))))
        elif name in values:
            if not panes or panes[-1][0] == "chains":
                raise click.UsageError(
                    "no SmartStream to apply this setting to: write it after -f FILE or -s NAME, or "
                    "into the file of the chain"
                )
            kind, (step,) = panes[-1]
            panes[-1] = kind, (with_setting(step, name, next(values[name])),)
    return [OpenPane(steps=steps) for _, steps in panes]


def _steps(name: str, value: str) -> tuple[Step, ...]:
    if name == "filters":
        return (Step(source=file_source(check_filter(value))),)
    if name == "stored":
        return (Step(source=StoredName(name=value)),)
    return chain_in(value)
