"""What the dashboard remembers between sessions, in the data folder: panes, theme, lesson.

None of it is worth failing for: what cannot be read is as if it were not there, what cannot be written is not
remembered, and a debug log says why.
"""

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.files import replace_file

LARGEST = 1 << 20
"""Bytes of a file at most that is read."""

_LOG = logging.getLogger(__name__)
_FILE, _STORED, _PANES, _THEME = "file", "stored", "panes", "theme"


class Memory:
    """Remembers, for one data folder. The one who closed a dashboard last is believed."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / "dashboard"
        self._theme_file = self._folder / "theme.json"

    @property
    def empty(self) -> bool:
        """Whether nothing was ever remembered: no dashboard was opened here before."""
        with suppress(OSError):
            return not self._folder.exists()
        return False

    def keep_taught(self) -> None:
        self._write(self._folder / "lesson.json", {"taught": True})

    def panes(self, topic: str) -> tuple[Path | str, ...]:
        """The filters that were open on a topic, in order: absolute paths of files, names of stored ones."""
        kept = self._read(self._panes_file(topic)).get(_PANES)
        return tuple(filter(None, map(_pane, kept))) if isinstance(kept, list) else ()

    def keep_panes(self, topic: str, panes: Iterable[Path | str]) -> None:
        kept = [
            {_FILE: str(pane.absolute())} if isinstance(pane, Path) else {_STORED: pane} for pane in panes
        ]
        self._write(self._panes_file(topic), {_PANES: kept})

    @property
    def theme(self) -> str | None:
        name = self._read(self._theme_file).get(_THEME)
        return name if isinstance(name, str) else None

    def keep_theme(self, name: str) -> None:
        self._write(self._theme_file, {_THEME: name})

    def _panes_file(self, topic: str) -> Path:
        return self._folder / "panes" / f"{topic}.json"

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            with path.open("rb") as file:
                found = json.loads(file.read(LARGEST))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            _LOG.info("what was remembered in %s cannot be read: %s", path, error)
            return {}
        if not isinstance(found, dict):
            _LOG.info("what was remembered in %s is no JSON object", path)
            return {}
        return found

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, json.dumps(content).encode(), durable=False)
        except OSError as error:
            _LOG.info("%s cannot be remembered: %s", path, error)


def _pane(kept: object) -> Path | str | None:
    """What stands for a pane; None for what does not."""
    if isinstance(kept, dict):
        file, name = kept.get(_FILE), kept.get(_STORED)
        if isinstance(file, str) and file:
            return Path(file)
        if isinstance(name, str):
            return name
    return None
