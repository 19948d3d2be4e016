"""Asks for a filter to add: a file, a stored SmartStream, or a new file."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input

from engine.builds.languages import ENDINGS, SUFFIXES, write_template
from engine.consumer.step import MODULE_SUFFIX
from engine.errors import EngineError
from tui import format
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.dialogues.path_dialogue import NO_FOLDER, NOT_REGULAR, PathDialogue
from tui.dashboard.widgets.parts.choices import MatchingChoices
from tui.dashboard.widgets.parts.words import quiet

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


OFFERED = (*SUFFIXES, MODULE_SUFFIX)
MOST_ENTRIES = 2_000
"""Of a folder that are looked at: listing must not keep the screen waiting."""


class PathSuggester(Suggester):
    """Completes the path of a folder, a source file or a module."""

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
                if path.suffix in OFFERED:
                    return f"{folder}{path.name}"
        return None


class AddFilter(PathDialogue[Path | str]):
    """Returns the path of a source, which may not exist yet, or of a module, or the name of a stored one."""

    def __init__(self, stored: Callable[[], Sequence[str]], files: Sequence[Path]) -> None:
        """`stored` lists the names of stored SmartStreams, for which it may wait."""
        self._list_stored = stored
        self._stored: Sequence[str] = ()
        self._files = {_shown(path): path for path in files}
        super().__init__(
            title="add a filter",
            keys=_keys(chooses=bool(files)),
            entry=Input(placeholder="a file, or part of a name", suggester=PathSuggester(), compact=True),
            choices=MatchingChoices([*self._files], first=False),
            hint="⏎ on a new name, e.g. mine.rs, creates the file and edits it",
            answer=self._answered,
        )

    def on_mount(self) -> None:
        self.run_worker(self._offer_stored())

    async def _offer_stored(self) -> None:
        try:
            self._stored = await asyncio.to_thread(self._list_stored)
        except EngineError as error:
            self.tell(f"stored SmartStreams cannot be listed: {error.message}")
            return
        # As they are shown in panes.
        labels = {f"@{name}": Content(f"@{name}") + quiet("  stored") for name in self._stored}
        self._choices.offer(labels, self._entry.value)
        self.query_one(".dialog").border_subtitle = _keys(chooses=bool(labels or self._files))

    def _answered(self, typed: str, chosen: str | None) -> Path | str:
        name = typed.strip()
        if chosen is None and name in self._stored:
            return name
        if chosen is None and name and not Path(name).suffix:
            chosen = self._choices.only
        if chosen is None:
            return self.path(typed)
        return self._files[chosen] if chosen in self._files else chosen.removeprefix("@")

    def check(self, path: Path) -> str:
        if not path.exists():
            if not path.parent.is_dir():
                return NO_FOLDER
            return "" if path.suffix in SUFFIXES else f"no such file: a new one ends in {ENDINGS}"
        if not path.is_file():
            return NOT_REGULAR
        if path.suffix not in OFFERED:
            return f"no filter is in such a file: use one that ends in {ENDINGS}, or a module (.wasm)"
        return "" if os.access(path, os.R_OK) else "cannot read this file: permission denied"


def _keys(*, chooses: bool) -> str:
    return f"⏎ adds · → completes{' · ↓ chooses' if chooses else ''} · esc cancels"


def add_filter(
    asking: Asking, workbench: "Workbench", used: Sequence[Path], edit: Callable[[Path, int], object]
) -> None:
    """Ask for a filter, and open a pane for it.

    Offers the files that were `used` and those beside them. `edit` opens one that is created, for a consumer.
    """

    async def add(chosen: Path | str) -> None:
        if isinstance(chosen, str):
            await asyncio.to_thread(workbench.add_stored, chosen)
        elif chosen.exists():
            await asyncio.to_thread(workbench.add_file, chosen)
        else:
            write_template(chosen)
            edit(chosen, workbench.add_file(chosen).id)

    asking.ask(AddFilter(workbench.stored, _offered(used)), add)


def _offered(used: Sequence[Path]) -> list[Path]:
    """The files that were used, as far as they exist, then others in their folders and in this one."""
    found = [path.absolute() for path in used if path.suffix in OFFERED and path.is_file()]
    for folder in dict.fromkeys([Path.cwd(), *(path.parent for path in found)]):
        with suppress(OSError):
            entries = islice(folder.iterdir(), MOST_ENTRIES)
            found += sorted(path for path in entries if path.suffix in OFFERED and path.is_file())
    return [*dict.fromkeys(found)]


def _shown(path: Path) -> str:
    here = Path.cwd()
    return format.harmless(str(path.relative_to(here) if path.is_relative_to(here) else path))
