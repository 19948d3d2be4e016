"""Asks from where to read the topic again."""

from typing import TYPE_CHECKING

from textual.widgets import Input, OptionList

from engine.broker.read_range import Origin, Start
from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.go_to import place
from tui.dashboard.screens.input_dialogue import InputDialogue
from tui.dashboard.widgets.parts.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.live.workbench import Workbench

_STARTS = {"from the beginning": Start(Origin.BEGINNING), "from now on": Start(Origin.END)}


class Replay(InputDialogue[Start]):
    """Returns where to begin."""

    def __init__(self) -> None:
        super().__init__(
            title="read the topic again",
            keys="⏎ begins · ↑ ↓ choose · esc cancels",
            entry=Input(placeholder="from a time (10m, 2h, 2021-02-03T09:30) or an offset", compact=True),
            choices=Choices(list(_STARTS)),
        )

    def on_mount(self) -> None:
        self.choices.step(1)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.choices.highlighted = None if event.value.strip() else 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.choices.chosen is not None:
            self.dismiss(_STARTS[self.choices.chosen])
            return
        try:
            self.dismiss(place(event.value).start)
        except InvalidValueError as error:
            self.problem.say(error.message)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(_STARTS[event.option_id or ""])


def replay(asking: Asking, workbench: "Workbench", follow: "Callable[[], None]") -> None:
    """Ask from where to read again, and do so; `follow` has every pane follow the newest."""

    async def begin(start: Start) -> None:
        workbench.replay(start)
        follow()

    asking.ask(Replay(), begin)
