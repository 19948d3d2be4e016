"""Asks for the rate limit and parameters of consumers, and from where they evaluate."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Input

from engine import units
from engine.consumer.step import Step
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.filter_colours import filter_title
from tui.dashboard.present.panes.pane_header import steps_words
from tui.dashboard.present.panes.settings_line import Params, parse_settings, settings_line
from tui.dashboard.screens.dialogues.choose_filter import ChooseFilter
from tui.dashboard.screens.dialogues.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_WHAT_TO_TYPE = f"rate limit ({units.MAX}, {units.HOLD}, 50/s), then parameters as name=value"
_STAY = "keep the position"

Settings = tuple[float | None, tuple[Params, ...], str]
"""The rate limit, the parameters of each step, and the position to continue from."""


def no_rate_limit(run_on: str) -> str:
    """Why a filter on the SPUs gets none; `run_on` is the key that runs it in the client."""
    return f"there is no rate limit on the SPUs: press {run_on} to run it in the client"


def ask_settings(
    screen: Screen[None],
    asking: Asking,
    workbench: "Workbench",
    consumers: Sequence[ConsumerSnapshot],
    cursor: int | None,
    follow: Callable[[int], None],
) -> None:
    """Ask for a rate limit, parameters and a position for one of these consumers, or all, and set them.

    `cursor` is the row under the cursor; `follow` has the pane of a consumer follow its new position.
    """
    at_cursor = {} if cursor is None else {"from the record under the cursor": cursor}
    positions = {"from the oldest loaded record": 0, **at_cursor, "from now on": None}
    run_on = key_name(screen, "dashboard.run_on")

    def ask(identities: tuple[int, ...] | None) -> None:
        chosen = [one for one in consumers if one.id in (identities or ())]

        async def apply(settings: Settings) -> None:
            rate_limit, params, position = settings
            for live in filter(None, (workbench.consumer(one.id) for one in chosen)):
                live.set_rate_limit(rate_limit)
                for number, (step, values) in enumerate(zip(steps, params, strict=True)):
                    if step.params != values:
                        live.set_params(number, values)
                if position in positions:
                    live.seek(positions[position])
                    follow(live.id)

        if chosen:
            # Several consumers have no parameters in common.
            steps = chosen[0].steps if len(chosen) == 1 else ()
            unlimited = no_rate_limit(run_on) if any(one.remote for one in chosen) else ""
            asking.ask(_dialogue(chosen, steps, list(positions), unlimited), apply)

    if len(consumers) == 1:
        ask((consumers[0].id,))
    else:
        screen.app.push_screen(ChooseFilter("change the settings of", consumers, cursor), ask)


def _dialogue(
    chosen: Sequence[ConsumerSnapshot], steps: Sequence[Step], positions: Sequence[str], unlimited: str
) -> InputDialogue[Settings]:
    return InputDialogue(
        title=f"settings of {', '.join(map(filter_title, chosen))}",
        keys="⏎ sets all · ↑ ↓ choose · esc cancels",
        entry=Input(settings_line(chosen[0].rate_limit, steps), compact=True),
        choices=Choices([_STAY, *positions]),
        answer=lambda typed, position: (*_parsed(typed, len(steps), unlimited), position or _STAY),
        hint="\n".join(filter(None, (_WHAT_TO_TYPE, steps_words(chosen[0]) if steps else ""))),
    )


def _parsed(text: str, steps: int, unlimited: str) -> tuple[float | None, tuple[Params, ...]]:
    """What was typed; `InvalidValueError`, also for a rate limit if there is a reason for `unlimited`."""
    rate_limit, params = parse_settings(text, steps)
    if unlimited and rate_limit is not None:
        raise InvalidValueError(unlimited)
    return rate_limit, params
