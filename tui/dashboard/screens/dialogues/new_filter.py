"""Asks for a file, and begins a filter in it that compares a field with its value."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.languages import ENDINGS, SUFFIXES, write_field_filter, write_text_filter
from tui.dashboard.flow.asking import Asking
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.values.field import Field
from tui.dashboard.screens.dialogues.path_dialogue import OutputFileDialogue

if TYPE_CHECKING:
    from textual.screen import Screen

    from engine.live.workbench import Workbench


class NewFilter(OutputFileDialogue):
    """Returns the path of a source file that does not exist yet."""

    def __init__(self, field: str, name: str) -> None:
        """`field` is the path of the field, and `name` a proposal for the file."""
        title = f"new filter that reads {field}"
        super().__init__(title=title, keys="⏎ creates it · esc cancels", name=name)

    def check_file(self, path: Path) -> str:
        if path.exists():
            return "this file exists: choose another name"
        return "" if path.suffix in SUFFIXES else f"use a name that ends in {ENDINGS}"


def new_filter(screen: "Screen[None]", asking: Asking, workbench: "Workbench", field: Field) -> None:
    """Ask for a file, and open a pane for the filter that is written to it."""

    async def write(path: Path) -> None:
        if field.near:
            write_text_filter(path, field.near)
        else:
            write_field_filter(path, field.path, field.literal)
        workbench.add_file(path)
        edit, here = key_name(screen, "dashboard.edit"), key_name(screen, "dashboard.edit_here")
        asking.tell(f"created {path}: {edit} or {here} edits it")

    asking.ask(NewFilter(field.name, proposed_name(field)), write)


def proposed_name(field: Field) -> str:
    """A file that does not exist yet, named after the field."""
    names = [step for step in field.path if isinstance(step, str)]
    stem = re.sub(r"[^A-Za-z0-9]+", "_", names[-1] if names else "").strip("_").lower() or "field"
    numbered = (f"{stem}{number or ''}{SUFFIXES[0]}" for number in range(100))
    return next((name for name in numbered if not Path(name).exists()), "")
