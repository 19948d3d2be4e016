"""Asks for a filter to add: a file, a stored SmartStream, or a new file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.suggester import Suggester
from textual.widgets import Input

from engine.builds.languages import SUFFIXES, write_template
from engine.consumer.step import MODULE_SUFFIX
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.path_dialogue import NO_FOLDER, NOT_REGULAR, PathDialogue
from tui.dashboard.widgets.parts.choices import MatchingChoices

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


class PathSuggester(Suggester):
    """Completes the path of a folder, a Rust file or a module."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        start = value.rpartition("/")[2]
        folder = value.removesuffix(start)
        try:
            paths = sorted(Path(folder or ".").expanduser().iterdir())
        except (OSError, ValueError, RuntimeError):
            return None
        for path in paths:
            if path.name.startswith(start) and (start or not path.name.startswith(".")):
                if path.is_dir():
                    return f"{folder}{path.name}/"
                if path.suffix in (*SUFFIXES, MODULE_SUFFIX):
                    return f"{folder}{path.name}"
        return None


class AddFilter(PathDialogue[Path | str]):
    """Returns the path of a Rust file, which may not exist yet, or of a module; or a stored one's name."""

    CONFIRM = "no such file: press ⏎ again to create it from the template"

    def __init__(self, stored: Sequence[str]) -> None:
        placeholder = "path of a Rust file, existing or new"
        super().__init__(
            title="add a filter",
            keys=f"⏎ adds · → completes{' · ↓ chooses' if stored else ''} · esc cancels",
            entry=Input(placeholder=placeholder, suggester=PathSuggester(), compact=True),
            choices=MatchingChoices(stored, first=False),
            hint="or a stored SmartStream" if stored else "",
            answer=lambda typed, name: (
                name or (typed.strip() if typed.strip() in stored else self.path(typed))
            ),
        )

    def check(self, path: Path) -> str:
        if not path.exists():
            if not path.parent.is_dir():
                return NO_FOLDER
            new = "no such file: a new one needs a name that ends in .rs"
            return self.CONFIRM if path.suffix in SUFFIXES else new
        if not path.is_file():
            return NOT_REGULAR
        if path.suffix not in (*SUFFIXES, MODULE_SUFFIX):
            return "a filter is written in Rust: use a file whose name ends in .rs, or a module in .wasm"
        return "" if os.access(path, os.R_OK) else "cannot read this file: permission denied"


def add_filter(asking: Asking, workbench: "Workbench") -> None:
    """Ask for a filter, and open a pane for it; `EngineError` if the stored ones cannot be listed."""

    async def add(chosen: Path | str) -> None:
        if isinstance(chosen, str):
            workbench.add_stored(chosen)
            return
        if not chosen.exists():
            write_template(chosen)
            asking.tell(f"created {chosen}: press e to edit it")
        workbench.add_file(chosen)

    asking.ask(AddFilter(workbench.stored()), add)
