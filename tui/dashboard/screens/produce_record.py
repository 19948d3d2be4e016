"""Asks for a record to append to the topic: a value of several lines, and a key."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, TextArea

from engine import units
from engine.errors import EngineError
from engine.records.batch import Record
from tui import format
from tui.dashboard.flow.asking import Asking

if TYPE_CHECKING:
    from engine.live.workbench import Workbench

MOST_BYTES = 64 << 10
"""Of a value to begin with: a longer one is not edited by hand."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it is typed."""

    value: str = ""
    key: str = ""
    """Empty for none."""


def draft_of(record: Record | None) -> Draft:
    """The key and the value of a record, each empty if it is not text that can be edited."""
    if record is None:
        return Draft()
    return Draft(_editable(record.value or b"", "\n\t"), _editable(record.key or b"", ""))


def _editable(content: bytes, besides: str) -> str:
    """The text of some bytes; empty if it has characters that cannot be typed."""
    try:
        text = content.decode() if len(content) <= MOST_BYTES else ""
    except UnicodeDecodeError:
        return ""
    return text if all(char.isprintable() or char in besides for char in text) else ""


class ProduceRecord(ModalScreen[Draft]):
    """Returns what was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        # Without priority: that would go before keys that were typed earlier and are still under way.
        Binding("ctrl+s", "produce", "Produce"),
    ]

    def __init__(self, topic: str, draft: Draft) -> None:
        super().__init__()
        self._topic = topic
        self._value = TextArea(draft.value, tab_behavior="focus", compact=True)
        self._key = Input(draft.key, placeholder="none", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(f"produce a record to {format.harmless(self._topic)}")
            box.border_subtitle = Content("^s produces · tab goes to the key · esc cancels")
            yield from (Label("value"), self._value, Label("key"), self._key)

    def on_mount(self) -> None:
        self._value.focus()
        self._value.move_cursor(self._value.document.end)

    def action_produce(self) -> None:
        self.dismiss(Draft(self._value.text, self._key.value))

    on_input_submitted = action_produce


def produce_record(asking: Asking, workbench: "Workbench", topic: str, draft: Draft) -> None:
    """Ask for a record, beginning with a draft, and append it; ask again if it is refused."""

    async def produce(typed: Draft) -> None:
        key = typed.key.encode() or None
        try:
            # An append waits for the disk.
            appended = await asyncio.to_thread(workbench.append, key, typed.value.encode())
        except EngineError:
            produce_record(asking, workbench, topic, typed)
            raise
        asking.tell(f"produced offset {units.count(appended.first)} of partition {appended.partition}")

    asking.ask(ProduceRecord(topic, draft), produce)
