"""Asks for one of the filters, or all."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS
from tui.dashboard.widgets.parts.menu import Menu


class ChooseFilter(ModalScreen[tuple[int, ...]]):
    """Returns the ids of the chosen consumers."""

    BINDINGS = bindings("pin")

    def __init__(self, title: str, consumers: Sequence[ConsumerSnapshot], row: int | None) -> None:
        """`row` is the record whose verdicts are shown, if any."""
        super().__init__()
        self._title = title
        self._consumers = consumers
        self._row = row

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            keys = {"list.choose": "chooses", "pin.all": "all", "pin.cancel": "cancels"}
            said = (f"{key_name(self, action)} {word}" for action, word in keys.items())
            box.border_subtitle = Content(" · ".join(said))
            yield Menu(
                *(Option(self._label(consumer), id=str(consumer.id)) for consumer in self._consumers),
                Option("all of them", id="all"),
                markup=False,
            )

    def _label(self, consumer: ConsumerSnapshot) -> Content:
        words = f"{consumer.id} {format.harmless(consumer.name)}"
        name = Content.styled(words, f"bold $filter-{filter_colour(consumer.id)}")
        if self._row is None:
            return name
        verdict = consumer.verdict(self._row)
        return name + f"  {VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}"

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        if message.option_id == "all":
            self.action_all()
        else:
            self.dismiss((int(str(message.option_id)),))

    def action_all(self) -> None:
        self.dismiss(tuple(consumer.id for consumer in self._consumers))
