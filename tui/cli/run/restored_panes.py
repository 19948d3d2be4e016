"""The panes that were open when a topic's dashboard was last closed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import SmartStreamError
from tui.cli.options.input_files import check_filter
from tui.cli.process.failures import Failure

if TYPE_CHECKING:
    from engine.broker.module_store import ModuleStore


def still_there(remembered: Iterable[Path | str], store: ModuleStore) -> tuple[list[Path | str], list[str]]:
    """The filters that can be opened again, and a line for each one that cannot."""
    panes: list[Path | str] = []
    notices = []
    for pane in remembered:
        try:
            if isinstance(pane, Path):
                panes.append(check_filter(str(_from_here(pane))))
            else:
                store.load(pane)
                panes.append(pane)
        except (Failure, SmartStreamError) as error:
            notices.append(f"{error.message}: its pane was not restored")
    return panes, notices


def _from_here(path: Path) -> Path:
    """A path relative to the current folder, if it is below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
