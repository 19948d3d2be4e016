"""The panes that a dashboard had when it was closed, and the topics of a layout, to open them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.consumer.step import InlineFile, Step, StoredName
from engine.errors import SmartStreamError
from tui.cli.options.input_files import check_filter, check_readable
from tui.cli.process.failures import Failure
from tui.dashboard.app.session_state import Memory, OpenPane

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from engine.broker.module_store import ModuleStore


def topics_of_layout(layout: str, topics: Sequence[str], memory: Memory) -> tuple[str, ...]:
    """The topics to open with a layout, whose panes are remembered for them from now on.

    `topics` has at most one, to open the layout on instead of its own. `Failure` if there is no such layout.
    """
    used = memory.use_layout(layout, *topics) if layout in memory.layouts() else ()
    if not used:
        saved = ", ".join(memory.layouts())
        remedy = f"choose one of: {saved}" if saved else "save one in the dashboard with ctrl+s"
        raise Failure(f"there is no layout '{layout}'", remedy)
    return used


def remembered_panes(
    topics: Iterable[str], broker: Broker, memory: Memory
) -> tuple[dict[str, list[OpenPane]], list[str]]:
    """The panes that were open on topics and can be opened again, and a line for each one that cannot."""
    panes, notices = {}, []
    for topic in topics:
        panes[topic], missing = _still_there(memory.panes(broker.topics.get(topic).name), broker.modules)
        notices += missing
    return panes, notices


def _still_there(remembered: Iterable[OpenPane], store: ModuleStore) -> tuple[list[OpenPane], list[str]]:
    panes: list[OpenPane] = []
    notices = []
    here = Path.cwd()
    for pane in remembered:
        try:
            panes.append(replace(pane, steps=tuple(_checked(step, store, here) for step in pane.steps)))
        except (Failure, SmartStreamError) as error:
            notices.append(f"{error.message}: its pane was not restored")
    return panes, notices


def _checked(step: Step, store: ModuleStore, here: Path) -> Step:
    """The step, with its path as it is to be shown; `Failure` or `SmartStreamError` if it is gone."""
    source = step.source
    if isinstance(source, StoredName):
        store.load(source.name)
        return step
    path = source.path
    shown = str(path.relative_to(here) if path.is_relative_to(here) else path)
    inline = isinstance(source, InlineFile)
    checked = check_filter(shown) if inline else check_readable(shown, "module")
    return replace(step, source=replace(source, path=checked))
