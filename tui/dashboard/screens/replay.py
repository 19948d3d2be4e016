"""Asks from where the topic is to be read again."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from engine.broker.read_range import Origin, Start
from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.go_to import place
from tui.dashboard.widgets.parts.choices import Choices
from tui.dashboard.widgets.parts.problem_line import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.live.workbench import Workbench

_STARTS = {"from the beginning": Start(Origin.BEGINNING), "from now on": Start(Origin.END)}


class Replay(ModalScreen[Start]):
    """Returns where to begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._choices = Choices(list(_STARTS))

    def compose(self) -> ComposeResult:
        """A line to type a time or an offset in, one for what is wrong, and the places that have a name."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content("read again")
            box.border_subtitle = Content("⏎ begins · ↑ ↓ choose · esc cancels")
            yield Input(placeholder="from a time (10m, 2h, 2021-02-03T09:30) or an offset", compact=True)
            yield Problem()
            yield self._choices

    def on_mount(self) -> None:
        """The beginning is what is wanted most."""
        self._choices.step(1)

    def action_step(self, delta: int) -> None:
        """Highlight another place."""
        self._choices.step(delta)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed is what is meant."""
        self._choices.highlighted = None if event.value.strip() else 0
        self.query_one(Problem).say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the place that is highlighted, or what is typed, or say why not."""
        if self._choices.chosen is not None:
            self.dismiss(_STARTS[self._choices.chosen])
            return
        try:
            self.dismiss(place(event.value).start)
        except InvalidValueError as error:
            self.query_one(Problem).say(error.message)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a place."""
        self.dismiss(_STARTS[event.option_id or ""])


def replay(asking: Asking, workbench: "Workbench", follow: "Callable[[], None]") -> None:
    """Ask from where to read again, and do so; `follow` lets every pane follow."""

    async def begin(start: Start) -> None:
        workbench.replay(start)
        follow()

    asking.ask(Replay(), begin)
