"""Asks for a record to append to the topic."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Checkbox, Input, Label, TextArea

from engine import units
from engine.broker.features import Features
from engine.errors import EngineError
from engine.units import InvalidValueError
from tui import format
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present.broker_words import missing_words
from tui.dashboard.present.typed_record import Draft
from tui.dashboard.screens.dialogues.dialogue import Dialogue

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


class CheckBox(Checkbox):
    """One that shows without colors whether it is checked."""

    def render(self) -> Content:
        self.BUTTON_INNER = "X" if self.value else " "
        return super().render()


class ProduceRecord(Dialogue[Draft]):
    """Returns what was typed, once it means a record."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        # Without priority: that would go before keys that were typed earlier and are still under way.
        Binding("ctrl+s", "produce", "Produce"),
    ]

    def __init__(self, place: str, draft: Draft, features: Features) -> None:
        """`place` is what the title says of where it goes; what `features` lack is not offered."""
        super().__init__()
        self._place = place
        self._draft = draft
        self._features = features
        self._value = TextArea(draft.value, tab_behavior="focus", compact=True)
        self._tombstone = CheckBox("tombstone: no value", draft.tombstone, compact=True)
        self._key = Input(draft.key, placeholder="none", compact=True)
        self._partition = Input(draft.partition, placeholder="as the key says", compact=True)
        self._headers = TextArea(
            draft.headers, tab_behavior="focus", compact=True, placeholder="NAME=VALUE, one per line"
        )
        self._headers.add_class("headers")
        self._problem = Label("", id="problem", markup=False)

    def compose(self) -> ComposeResult:
        origin = self._draft.origin
        with Vertical(classes="dialog") as box:
            box.border_title = Content(format.harmless(f"produce a record to {self._place}"))
            box.border_subtitle = Content("^s produces · tab goes on · esc cancels")
            yield Label(f"value, from {origin}" if origin else "value")
            yield self._value
            if self._features.tombstones:
                yield self._tombstone
            with Horizontal():
                with Vertical():
                    yield from (Label("key"), self._key)
                with Vertical(classes="partition"):
                    yield from (Label("partition"), self._partition)
            if self._features.headers:
                yield from (Label("headers"), self._headers)
            if missing := missing_words(self._features):
                yield Label(missing)
            if left_out := ", ".join(self._draft.left_out):
                text = format.harmless(f"cannot be typed, and is left out: {left_out}")
                yield Label(text, classes="left-out", markup=False)
            yield self._problem

    def on_mount(self) -> None:
        self._value.disabled = self._tombstone.value
        (self._key if self._tombstone.value else self._value).focus()
        self._value.move_cursor(self._value.document.end)

    def on_checkbox_changed(self) -> None:
        self._value.disabled = self._tombstone.value

    def action_produce(self) -> None:
        draft = Draft(
            value=self._value.text,
            tombstone=self._tombstone.value,
            key=self._key.value,
            headers=self._headers.text,
            partition=self._partition.value,
            origin=self._draft.origin,
            left_out=self._draft.left_out,
        )
        try:
            draft.record()
        except InvalidValueError as error:
            self._problem.update(Content(format.harmless(error.message)))
        else:
            self.dismiss(draft)

    on_input_submitted = action_produce


def produce_record(asking: Asking, workbench: "Workbench", place: str, draft: Draft) -> None:
    """Ask for a record, beginning with a draft, and append it; ask again if it is refused."""

    async def produce(typed: Draft) -> None:
        try:
            # An append waits for the disk, or for the cluster.
            appended = await asyncio.to_thread(workbench.append, typed.record())
        except EngineError:
            produce_record(asking, workbench, place, typed)
            raise
        asking.tell(f"produced offset {units.count(appended.first)} of partition {appended.partition}")

    asking.ask(ProduceRecord(place, draft, workbench.features), produce)
