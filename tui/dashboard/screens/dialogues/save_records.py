"""Asks for a file, and writes the records of a pane to it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from engine import units
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.dialogues.path_dialogue import NOT_REGULAR, OutputFileDialogue
from tui.dashboard.widgets.rows.record_view import RecordView

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


class SaveRecords(OutputFileDialogue):
    """Returns the path of a file that may be written, or replaced."""

    CONFIRM = "this file exists: press ⏎ again to replace it"

    def __init__(self, what: str, name: str) -> None:
        """`what` is to be saved, and `name` is a proposal for the file's name."""
        super().__init__(title=f"save {what}", keys="⏎ saves as JSON lines · esc cancels", name=name)

    def check_file(self, path: Path) -> str:
        if path.exists():
            return self.CONFIRM if path.is_file() else NOT_REGULAR
        return ""


def save(asking: Asking, workbench: "Workbench", view: RecordView, name: str) -> None:
    """Ask for a file, proposing `name`, and write the records to it that a view shows now."""
    source = view.content.source
    records = units.plural(len(source), "record")

    async def write(path: Path) -> None:
        written = await asyncio.to_thread(workbench.save, path, source)
        asking.tell(f"{units.plural(written, 'record')} written to {path}")

    asking.ask(SaveRecords(records, f"{name}.jsonl"), write)
