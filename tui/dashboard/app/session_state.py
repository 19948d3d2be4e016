"""What the dashboard remembers between sessions, in the data folder: panes, theme, lesson.

None of it is worth failing for: what cannot be read is as if it were not there, what cannot be written is not
remembered, and a debug log says why.
"""

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import units
from engine.files import create_folder, replace_file

LARGEST = 1 << 20
"""Bytes of a file at most that is read."""

_LOG = logging.getLogger(__name__)
_FILE, _STORED, _RATE_LIMIT, _PANES, _THEME = "file", "stored", "rate_limit", "panes", "theme"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPane:
    """The pane of a filter: enough to open it again."""

    source: Path | str
    """A file, or the name of a stored SmartStream."""
    rate_limit: float | None = None
    """Records per second at most: 0 while it is held, None for no limit."""


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

    def panes(self, topic: str) -> tuple[OpenPane, ...]:
        """Those that were open on a topic, in order; the paths of files are absolute."""
        kept = self._read(self._panes_file(topic)).get(_PANES)
        return tuple(filter(None, map(_pane, kept))) if isinstance(kept, list) else ()

    def keep_panes(self, topic: str, panes: Iterable[OpenPane]) -> None:
        self._write(self._panes_file(topic), {_PANES: [*map(_kept, panes)]})

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
            create_folder(path.parent)
            replace_file(path, json.dumps(content).encode(), durable=False, private=True)
        except OSError as error:
            _LOG.info("%s cannot be remembered: %s", path, error)


def _kept(pane: OpenPane) -> dict[str, str]:
    kind, name = (_STORED, pane.source) if isinstance(pane.source, str) else (_FILE, pane.source.absolute())
    return {kind: str(name), _RATE_LIMIT: units.rate_limit(pane.rate_limit)}


def _pane(kept: object) -> OpenPane | None:
    """What stands for a pane; None for what does not."""
    if not isinstance(kept, dict):
        return None
    file, name = kept.get(_FILE), kept.get(_STORED)
    if isinstance(file, str) and file:
        return OpenPane(source=Path(file), rate_limit=_limit(kept))
    return OpenPane(source=name, rate_limit=_limit(kept)) if isinstance(name, str) else None


def _limit(kept: dict[str, Any]) -> float | None:
    with suppress(units.InvalidValueError):
        return units.parse_rate_limit(str(kept.get(_RATE_LIMIT)))
    return None
