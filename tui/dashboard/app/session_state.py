"""What the dashboard remembers between sessions, in the data folder: panes, formats, theme, lesson.

None of it is worth failing for: what cannot be read is as if it were not there, what cannot be written is not
remembered, and a debug log says why.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import units
from engine.broker.address import EMBEDDED
from engine.builds.source_archive import SourceArchive
from engine.consumer.step import InlineFile, ModuleFile, Step, StepSource, StoredName
from engine.fields.table import check_format
from engine.files import create_folder, replace_file
from engine.runtime.config import LookBack
from tui.config.column_names import names_text, parse_names
from tui.dashboard.present.columns.times import TimeStyle

LARGEST = 1 << 20
"""Bytes of a file at most that is read."""

_LOG = logging.getLogger(__name__)
_FILE, _MODULE, _STORED, _RATE_LIMIT = "file", "module", "stored", "rate_limit"
_STEPS, _PARAMS, _INITIAL, _LOOK_BACK = "steps", "params", "aggregate_initial", "look_back"
_REMOTE = "remote"
_TOPIC, _BESIDE = "topic", "beside"
_PANES, _FORMAT, _THEME, _CHAIN = "panes", "format", "theme", "chain"
_COLUMNS, _WIDTHS, _TIMES = "columns", "widths", "times"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPane:
    """A pane: enough to open it again."""

    steps: tuple[Step, ...]
    """At least one."""
    rate_limit: float | None = None
    """Records per second at most: 0 while it is held, None for no limit."""
    remote: bool = False
    """Whether the broker runs it."""

    @classmethod
    def of(cls, source: Path | str, rate_limit: float | None = None) -> "OpenPane":
        """The pane of one file, or of one stored SmartStream by name."""
        named = StoredName(name=source) if isinstance(source, str) else InlineFile(path=source)
        return cls(steps=(Step(source=named),), rate_limit=rate_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLook:
    """How the panes of a topic are set up."""

    columns: str = ""
    """Of the rows, as `--columns` takes them; empty for those that are guessed."""
    widths: tuple[float, ...] = ()
    """Of the panes from left to right, in proportion; 1 for those beyond."""
    times: TimeStyle = TimeStyle.LOCAL


class Memory:
    """Remembers, for one data folder. Of several dashboards, the one that is closed last decides."""

    def __init__(self, data_folder: Path, broker: str = EMBEDDED) -> None:
        """What belongs to topics is kept apart for each `broker`, by its name."""
        self._folder = data_folder / "dashboard"
        self._of_broker = self._folder if broker == EMBEDDED else self._folder / "brokers" / _safe(broker)
        self._theme_file = self._folder / "theme.json"

    @property
    def sources(self) -> SourceArchive:
        """The sources of builds."""
        return SourceArchive(self._folder / "sources")

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

    def files(self) -> tuple[Path, ...]:
        """The source files of the panes that were open on any topic, those of the last one first."""
        listed = []
        with suppress(OSError):
            listed = sorted(
                (self._of_broker / "panes").glob("*.json"),
                key=lambda file: file.stat().st_mtime,
                reverse=True,
            )
        panes = (pane for file in listed for pane in self.panes(file.stem))
        sources = (step.source for pane in panes for step in pane.steps)
        return tuple(dict.fromkeys(one.path for one in sources if isinstance(one, InlineFile | ModuleFile)))

    def layouts(self) -> tuple[str, ...]:
        """The names of the saved layouts, sorted."""
        with suppress(OSError):
            return tuple(sorted(file.stem for file in (self._of_broker / "layouts").glob("*.json")))
        return ()

    def keep_layout(self, name: str, topics: Sequence[str]) -> None:
        """Save what is remembered of topics under a name."""
        first, *others = ({**self._read(self._panes_file(topic)), _TOPIC: topic} for topic in topics)
        self._write(self._layout_file(name), {**first, _BESIDE: others})

    def use_layout(self, name: str, topic: str | None = None) -> tuple[str, ...]:
        """Remember what a layout has for its topics, for `topic` instead of the first one.

        Returns these topics; none without the layout.
        """
        kept = self._read(self._layout_file(name))
        others = kept.pop(_BESIDE, None)
        first = self._use(kept, topic)
        if first is None:
            return ()
        beside = [one for one in others if isinstance(one, dict)] if isinstance(others, list) else []
        return tuple(dict.fromkeys(filter(None, (first, *map(self._use, beside)))))

    def _use(self, kept: dict[str, Any], topic: str | None = None) -> str | None:
        """Remember what a layout has of one topic, for `topic` if there is one; for which."""
        own = kept.pop(_TOPIC, None)
        used = topic or (own if isinstance(own, str) else None)
        if not kept or used is None:
            return None
        self._write(self._panes_file(used), kept)
        return used

    def _layout_file(self, name: str) -> Path:
        return self._of_broker / "layouts" / f"{name}.json"

    def keep_panes(self, topic: str, panes: Iterable[OpenPane]) -> None:
        self._change(self._panes_file(topic), {_PANES: [*map(_kept, panes)]})

    def format(self, topic: str) -> str:
        """The format that was chosen for the values of a topic; empty if none was."""
        name = self._read(self._panes_file(topic)).get(_FORMAT)
        with suppress(units.InvalidValueError):
            check_format(name if isinstance(name, str) else "")
            return str(name)
        return ""

    def keep_format(self, topic: str, name: str) -> None:
        self._change(self._panes_file(topic), {_FORMAT: name})

    def look(self, topic: str) -> TopicLook:
        """How the panes of a topic were set up."""
        kept = self._read(self._panes_file(topic))
        names, widths = kept.get(_COLUMNS), kept.get(_WIDTHS)
        columns = ""
        with suppress(units.InvalidValueError):
            columns = names_text(parse_names(names if isinstance(names, str) else ""))
        usable = isinstance(widths, list) and all(isinstance(one, float) and 0 < one < 100 for one in widths)
        times = next((style for style in TimeStyle if style.value == kept.get(_TIMES)), TimeStyle.LOCAL)
        return TopicLook(columns=columns, widths=tuple(widths or ()) if usable else (), times=times)

    def keep_look(self, topic: str, look: TopicLook) -> None:
        kept = {_COLUMNS: look.columns, _WIDTHS: list(look.widths), _TIMES: look.times.value}
        self._change(self._panes_file(topic), kept)

    @property
    def theme(self) -> str | None:
        name = self._read(self._theme_file).get(_THEME)
        return name if isinstance(name, str) else None

    def keep_theme(self, name: str) -> None:
        self._write(self._theme_file, {_THEME: name})

    def _panes_file(self, topic: str) -> Path:
        return self._of_broker / "panes" / f"{topic}.json"

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

    def _change(self, path: Path, content: dict[str, Any]) -> None:
        """Write some of what a file remembers, and leave the rest as it is."""
        self._write(path, {**self._read(path), **content})

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        try:
            create_folder(path.parent)
            replace_file(path, json.dumps(content).encode(), durable=False, private=True)
        except OSError as error:
            _LOG.info("%s cannot be remembered: %s", path, error)


def _safe(name: str) -> str:
    """A broker's name as that of a folder: another one for another broker."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    return safe if safe == name else f"{safe[:80]}.{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _kept(pane: OpenPane) -> dict[str, Any]:
    steps, limit = [*map(_kept_step, pane.steps)], units.rate_limit(pane.rate_limit)
    return {_STEPS: steps, _RATE_LIMIT: limit, **({_REMOTE: True} if pane.remote else {})}


def _kept_step(step: Step) -> dict[str, Any]:
    source = step.source
    named = (
        {_STORED: source.name}
        if isinstance(source, StoredName)
        else {_FILE if isinstance(source, InlineFile) else _MODULE: str(source.path.absolute())}
    )
    look_back = step.look_back
    return {
        **named,
        _PARAMS: dict(step.params),
        _INITIAL: step.aggregate_initial.decode("utf-8", "surrogateescape"),
        _LOOK_BACK: None if look_back is None else [look_back.last, look_back.age_ms],
        _CHAIN: None if step.chain is None else str(step.chain),
    }


def _pane(kept: object) -> OpenPane | None:
    """The pane that a saved value describes; None if it describes none."""
    if not isinstance(kept, dict):
        return None
    listed = kept.get(_STEPS, [kept])
    steps = tuple(map(_step, listed)) if isinstance(listed, list) else ()
    found = tuple(step for step in steps if step is not None)
    # Without one of its steps, a chain would be another one.
    if not found or len(found) < len(steps):
        return None
    return OpenPane(steps=found, rate_limit=_limit(kept), remote=kept.get(_REMOTE) is True)


def _step(kept: object) -> Step | None:
    source = _source(kept) if isinstance(kept, dict) else None
    if source is None or not isinstance(kept, dict):
        return None
    params, initial, look_back = kept.get(_PARAMS), kept.get(_INITIAL), kept.get(_LOOK_BACK)
    bounds = look_back if isinstance(look_back, list) and len(look_back) == 2 else None
    chain = kept.get(_CHAIN)
    return Step(
        source=source,
        params={k: v for k, v in params.items() if isinstance(v, str)} if isinstance(params, dict) else {},
        aggregate_initial=initial.encode("utf-8", "surrogateescape") if isinstance(initial, str) else b"",
        look_back=None if bounds is None else LookBack(last=_count(bounds[0]), age_ms=_count(bounds[1])),
        chain=Path(chain) if isinstance(chain, str) else None,
    )


def _source(kept: dict[str, Any]) -> StepSource | None:
    file, module, name = kept.get(_FILE), kept.get(_MODULE), kept.get(_STORED)
    if isinstance(file, str) and file:
        return InlineFile(path=Path(file))
    if isinstance(module, str) and module:
        return ModuleFile(path=Path(module))
    return StoredName(name=name) if isinstance(name, str) else None


def _count(kept: object) -> int | None:
    return kept if type(kept) is int and kept >= 0 else None


def _limit(kept: dict[str, Any]) -> float | None:
    with suppress(units.InvalidValueError):
        return units.parse_rate_limit(str(kept.get(_RATE_LIMIT)))
    return None
