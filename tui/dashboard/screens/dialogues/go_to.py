"""Asks for an offset or a time: to go to, or to read the topic again from."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.widgets import Input

from engine import units
from engine.broker.read_range import Origin, Start
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.dialogues.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import OtherwiseTyped

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_OFFSET = re.compile(r"(?:(\d+)\s*:\s*)?(\d[\d_,]{0,17})")
_TIME_OF_DAY = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
"""Two digits each: an offset below 60 of a partition from 10 on is seldom wanted, and can be `10: 12`."""
_STARTS = {"from the beginning": Start(Origin.BEGINNING), "from now on": Start(Origin.END)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go."""

    start: Start
    partition: int | None = None
    """None for any partition that has it."""


def place(text: str) -> Place:
    """An offset, `12345` or with its partition `1:12345`, or a time; else `InvalidValueError`."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None or _TIME_OF_DAY.fullmatch(text.strip()):
        return Place(Start(Origin.TIME, units.parse_past_time(text)))
    partition, offset = found.groups()
    digits = offset.replace("_", "").replace(",", "")
    return Place(Start(Origin.ZERO, int(digits)), None if partition is None else int(partition))


def go_to(asking: Asking, workbench: "Workbench", go: Callable[[Mapping[int, int]], None]) -> None:
    """Ask for a place, have it read, and `go` to the first record of the offsets that it means."""

    async def reach(wanted: Place) -> None:
        go(await asyncio.to_thread(workbench.reach, wanted.start, wanted.partition))

    placeholder = "an offset (12345, 1:12345) or a time (10m, 14:30, 2021-02-03)"
    dialogue = InputDialogue(
        title="go to",
        keys="⏎ goes there · esc cancels",
        entry=Input(placeholder=placeholder, compact=True),
        answer=lambda typed, _: place(typed),
    )
    asking.ask(dialogue, reach)


def replay(asking: Asking, workbench: "Workbench", follow: Callable[[], None]) -> None:
    """Ask from where to read again, and do so; `follow` has every pane follow the newest."""

    async def begin(start: Start) -> None:
        workbench.replay(start)
        follow()

    dialogue = InputDialogue(
        title="read the topic again",
        keys="⏎ begins · ↑ ↓ choose · esc cancels",
        entry=Input(placeholder="from a time (10m, 2h, 2021-02-03T09:30) or an offset", compact=True),
        choices=OtherwiseTyped(list(_STARTS)),
        answer=lambda typed, chosen: _STARTS[chosen] if chosen else place(typed).start,
    )
    asking.ask(dialogue, begin)
