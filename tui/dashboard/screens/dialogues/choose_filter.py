"""Asks for one of the filters, or all."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.words import filter_name


class ChooseFilter(Dialogue[tuple[int, ...]]):
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
            hints = {"list.choose": "chooses", "all": "all", "cancel": "cancels"}
            box.border_subtitle = Content(hint_line(self, "pin", hints))
            yield Menu(*map(self._option, self._consumers), Option("all of them", id="all"), markup=False)

    def _option(self, consumer: ConsumerSnapshot) -> Option:
        name = filter_name(consumer)
        if self._row is not None:
            verdict = consumer.verdict(self._row)
            name += f"  {VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}"
        return Option(name, id=str(consumer.id))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        if message.option_id == "all":
            self.action_all()
        else:
            self.dismiss((int(str(message.option_id)),))

    def action_all(self) -> None:
        self.dismiss(tuple(consumer.id for consumer in self._consumers))
