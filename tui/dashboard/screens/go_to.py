"""Asks for an offset or a time to go to."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.widgets import Input

from engine import units
from engine.broker.read_range import Origin, Start
from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.input_dialogue import InputDialogue

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_OFFSET = re.compile(r"(?:(\d+)\s*:\s*)?(\d[\d_,]{0,17})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go."""

    start: Start
    partition: int | None = None
    """None for any partition that has it."""


def place(text: str) -> Place:
    """An offset, `12345` or with its partition `1:12345`, or a time; else `InvalidValueError`."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None:
        return Place(Start(Origin.TIME, units.parse_past_time(text)))
    partition, offset = found.groups()
    digits = offset.replace("_", "").replace(",", "")
    return Place(Start(Origin.ZERO, int(digits)), None if partition is None else int(partition))


class GoTo(InputDialogue[Place]):
    """Returns a place, which may have no record."""

    def __init__(self) -> None:
        super().__init__(
            title="go to",
            keys="⏎ goes there · esc cancels",
            entry=Input(
                placeholder="an offset (12345, 1:12345) or a time (10m, 2021-02-03T09:30)", compact=True
            ),
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(place(event.value))
        except InvalidValueError as error:
            self.problem.say(error.message)


def go_to(asking: Asking, workbench: "Workbench", go: Callable[[Mapping[int, int]], None]) -> None:
    """Ask for a place, have it read, and `go` to the first record of the offsets that it means."""

    async def reach(wanted: Place) -> None:
        go(await asyncio.to_thread(workbench.reach, wanted.start, wanted.partition))

    asking.ask(GoTo(), reach)
