"""The line at the top: the broker, the topic, its size, its rate."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.present import broker_words
from tui.dashboard.widgets.repainted import Repainted

GAP = 2
_SAME = "same in all:"
_LONGEST = 20
"""Cells of one value."""


@dataclass(frozen=True, slots=True)
class Title:
    """The line in words."""

    broker: str
    """Empty for the embedded one."""
    access: str
    connection: str
    topic: str
    records: str
    rate: str
    lost: str
    lock: str
    times: str = ""
    """In which style times are shown."""
    constants: tuple[tuple[str, str], ...] = ()
    """Fields that are the same in all records."""


class TitleBar(Repainted):
    """Draws a `Title`."""

    ALLOW_SELECT = False

    state: reactive[Title | None] = reactive(None)

    def __init__(self, broker_color: str = "") -> None:
        """`broker_color` is that of the broker's profile; empty for the default one."""
        super().__init__()
        self._broker_style = broker_words.broker_style(broker_color)

    def show(
        self,
        snapshot: WorkbenchSnapshot,
        *,
        lock: str,
        times: str = "",
        constants: Iterable[tuple[str, str]] = (),
    ) -> bool:
        before, broker = self.state, snapshot.broker
        self.state = Title(
            "" if broker is None else format.harmless(broker.name),
            "read-only" if broker is not None and broker.read_only else "",
            "" if broker is None else broker_words.connection_words(broker.connection, time.monotonic()),
            format.harmless(snapshot.topic),
            f"{'' if snapshot.exact else '≤ '}{units.plural(snapshot.records, 'record')}",
            units.rate(snapshot.throughput.per_second),
            f"{units.count(snapshot.lost)} lost" if snapshot.lost else "",
            lock,
            times,
            tuple(constants),
        )
        return self.state != before

    def render(self) -> Content:
        if self.state is None:
            return Content("")
        words = [Content.styled("fluvio-tui", "bold $primary")]
        if self.state.broker:
            name = format.clip(self.state.broker, max(self.size.width // 4, 8))
            words.append(Content.styled(f" {name} ", self._broker_style))
        if self.state.access:
            words.append(Content(self.state.access))
        if self.state.connection:
            words.append(Content.styled(self.state.connection, "bold $text-warning"))
        words += [
            Content.styled(format.clip(self.state.topic, max(self.size.width // 3, 8)), "bold"),
            Content(self.state.records),
            Content(self.state.rate),
        ]
        if self.state.lost:
            words.append(Content.styled(self.state.lost, "$text-warning"))
        if self.state.times:
            words.append(Content(f"times {self.state.times}"))
        if self.state.lock:
            words.append(Content.styled(f" {self.state.lock} ", "bold $accent reverse"))
        line = Content.styled(" · ", "$foreground 40%").join(words)
        same = _same(self.state.constants, self.size.width - line.cell_length - GAP)
        gap = " " * (self.size.width - line.cell_length - cell_len(same))
        return Content.assemble(line, gap, (same, "$foreground 60%"))


def _same(constants: Iterable[tuple[str, str]], cells: int) -> str:
    """As many of the fields that are the same in all records as fit."""
    words = _SAME
    for name, value in constants:
        more = f"{words} {format.harmless(name)}={format.clip(format.harmless(value), _LONGEST)}"
        if cell_len(more) <= cells:
            words = more
    return "" if words is _SAME else words
