"""Asks for the rate limit of consumers, and from where they evaluate."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Input

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present.filter_colours import filter_title
from tui.dashboard.screens.choose_filter import ChooseFilter
from tui.dashboard.screens.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_STAY = "keep the position"


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
    at_cursor = {} if cursor is None else {"from the record under the cursor": cursor}
    positions = {"from the oldest loaded record": 0, **at_cursor, "from now on": None}

    def ask(identities: tuple[int, ...] | None) -> None:
        chosen = [one for one in consumers if one.id in (identities or ())]

        async def apply(settings: tuple[float | None, str]) -> None:
            rate_limit, position = settings
            for live in filter(None, (workbench.consumer(one.id) for one in chosen)):
                live.set_rate_limit(rate_limit)
                if position in positions:
                    live.seek(positions[position])
                    follow(live.id)

        if chosen:
            placeholder = f"records per second, e.g. 50/s or 2.5/s; {units.MAX}, {units.HOLD}"
            dialogue = InputDialogue(
                title=f"rate limit and position of {', '.join(map(filter_title, chosen))}",
                keys="⏎ sets both · ↑ ↓ choose · esc cancels",
                entry=Input(units.rate_limit(chosen[0].rate_limit), placeholder=placeholder, compact=True),
                choices=Choices([_STAY, *positions]),
                answer=lambda typed, position: (units.parse_rate_limit(typed), position or _STAY),
            )
            asking.ask(dialogue, apply)

    if len(consumers) == 1:
        ask((consumers[0].id,))
    else:
        screen.app.push_screen(ChooseFilter("set the rate limit and position of", consumers, cursor), ask)
