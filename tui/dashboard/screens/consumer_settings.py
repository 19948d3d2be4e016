"""Asks how fast consumers are to evaluate, and from where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.units import InvalidValueError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present import format
from tui.dashboard.screens.choose_filter import WhichFilter
from tui.dashboard.widgets.parts.choices import Choices
from tui.dashboard.widgets.parts.problem_line import Problem

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

_STAY = "stay where it is"
_BEGINNING = "from the beginning of the window"
_CURSOR = "from the record under the cursor"
_NOW = "from now on"


@dataclass(frozen=True, slots=True)
class Going:
    """How consumers are to go on."""

    pace: float | None
    """As in `LiveConsumer.set_rate_limit`."""
    seeks: bool
    """Whether they are to evaluate from elsewhere."""
    row: int | None
    """From where; as in `LiveConsumer.seek`."""


class PaceAndPosition(ModalScreen[Going]):
    """Returns how to go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, title: str, now: float | None, cursor: int | None) -> None:
        """`now` is the pace to begin with, `cursor` the row under the cursor, where there is one."""
        super().__init__()
        self._title = title
        self._now = now
        self._rows = {_BEGINNING: 0, _CURSOR: cursor, _NOW: None}
        self._choices = Choices(
            [_STAY, *(name for name in self._rows if name != _CURSOR or cursor is not None)]
        )

    def compose(self) -> ComposeResult:
        """A line to type a pace in, one for what is wrong with it, and the positions."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content("⏎ sets both · ↑ ↓ choose · esc cancels")
            yield Input(
                units.rate_limit(self._now),
                placeholder=f"records per second, e.g. 50/s or 2.5/s; {units.MAX}, {units.HOLD}",
                compact=True,
            )
            yield Problem()
            yield self._choices

    def on_mount(self) -> None:
        """To stay costs nothing."""
        self._choices.step(1)

    def action_step(self, delta: int) -> None:
        """Highlight another position."""
        self._choices.step(delta)

    def on_input_changed(self) -> None:
        """What was wrong is being mended."""
        self.query_one(Problem).say("")

    def on_input_submitted(self) -> None:
        """Take the pace and the position that is highlighted, or say what is wrong with the pace."""
        self._take(self._choices.chosen or _STAY)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a position."""
        self._take(event.option_id or _STAY)

    def _take(self, position: str) -> None:
        try:
            wanted = units.parse_rate_limit(self.query_one(Input).value)
        except InvalidValueError as error:
            self.query_one(Problem).say(error.message)
        else:
            self.dismiss(Going(wanted, position != _STAY, self._rows.get(position)))


def ask_settings(
    screen: Screen[None],
    asking: Asking,
    workbench: "Workbench",
    consumers: Sequence[ConsumerSnapshot],
    cursor: int | None,
    follow: Callable[[int], None],
) -> None:
    """Ask how one of these consumers, or all, are to go on, and let them.

    `cursor` is the row under the cursor; `follow` lets the pane of a consumer follow that was sent elsewhere.
    """

    async def go_on(chosen: Sequence[ConsumerSnapshot], going: Going) -> None:
        for consumer in chosen:
            live = workbench.consumer(consumer.id)
            if live is not None:
                live.set_rate_limit(going.pace)
            if live is not None and going.seeks:
                live.seek(going.row)
                follow(consumer.id)

    def ask(chosen: Sequence[ConsumerSnapshot]) -> None:
        names = ", ".join(f"{one.id} {format.harmless(one.name)}" for one in chosen)
        dialogue = PaceAndPosition(f"pace and position of {names}", chosen[0].rate_limit, cursor)
        asking.ask(dialogue, lambda going: go_on(chosen, going))

    def choose(identities: tuple[int, ...] | None) -> None:
        if identities is not None:
            ask([one for one in consumers if one.id in identities])

    if len(consumers) == 1:
        ask(consumers)
    else:
        screen.app.push_screen(WhichFilter("whose pace and position?", consumers, cursor), choose)
