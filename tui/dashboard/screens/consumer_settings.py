"""Asks for the rate limit of consumers, and from where they evaluate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Input, OptionList

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.units import InvalidValueError
from tui import format
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.choose_filter import ChooseFilter
from tui.dashboard.screens.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_STAY = "keep the position"
_OLDEST = "from the oldest loaded record"
_CURSOR = "from the record under the cursor"
_NOW = "from now on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How consumers continue."""

    rate_limit: float | None
    """As in `LiveConsumer.set_rate_limit`."""
    seeks: bool
    """Whether they continue from another row."""
    row: int | None
    """As in `LiveConsumer.seek`."""


class ConsumerSettings(InputDialogue[Settings]):
    """Returns the settings."""

    def __init__(self, names: str, rate_limit: float | None, cursor: int | None) -> None:
        """`rate_limit` is the present one, `cursor` the row under the cursor if any."""
        self._rows = {_OLDEST: 0, _CURSOR: cursor, _NOW: None}
        positions = [name for name in self._rows if name != _CURSOR or cursor is not None]
        super().__init__(
            title=f"rate limit and position of {names}",
            keys="⏎ sets both · ↑ ↓ choose · esc cancels",
            entry=Input(
                units.rate_limit(rate_limit),
                placeholder=f"records per second, e.g. 50/s or 2.5/s; {units.MAX}, {units.HOLD}",
                compact=True,
            ),
            choices=Choices([_STAY, *positions]),
        )

    def on_mount(self) -> None:
        self.choices.step(1)

    def on_input_submitted(self) -> None:
        self._take(self.choices.chosen or _STAY)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option_id or _STAY)

    def _take(self, position: str) -> None:
        try:
            limit = units.parse_rate_limit(self.entry.value)
        except InvalidValueError as error:
            self.problem.say(error.message)
        else:
            row = self._rows.get(position)
            self.dismiss(Settings(rate_limit=limit, seeks=position != _STAY, row=row))


def ask_settings(
    screen: Screen[None],
    asking: Asking,
    workbench: "Workbench",
    consumers: Sequence[ConsumerSnapshot],
    cursor: int | None,
    follow: Callable[[int], None],
) -> None:
    """Ask for a rate limit and a position for one of these consumers, or all, and set them.

    `cursor` is the row under the cursor; `follow` has the pane of a consumer follow its new position.
    """

    async def apply(chosen: Sequence[ConsumerSnapshot], settings: Settings) -> None:
        for live in filter(None, (workbench.consumer(one.id) for one in chosen)):
            live.set_rate_limit(settings.rate_limit)
            if settings.seeks:
                live.seek(settings.row)
                follow(live.id)

    def ask(chosen: Sequence[ConsumerSnapshot]) -> None:
        names = ", ".join(f"{one.id} {format.harmless(one.name)}" for one in chosen)
        dialogue = ConsumerSettings(names, chosen[0].rate_limit, cursor)
        asking.ask(dialogue, lambda settings: apply(chosen, settings))

    def choose(identities: tuple[int, ...] | None) -> None:
        if identities is not None:
            ask([one for one in consumers if one.id in identities])

    if len(consumers) == 1:
        ask(consumers)
    else:
        screen.app.push_screen(ChooseFilter("set the rate limit and position of", consumers, cursor), choose)
