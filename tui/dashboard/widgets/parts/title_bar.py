"""The line at the top: the topic, its size, its rate."""

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui import format


@dataclass(frozen=True, slots=True)
class Title:
    """The line in words."""

    topic: str
    records: str
    rate: str
    lost: str
    locked: bool


class TitleBar(Widget):
    """Draws a `Title`."""

    ALLOW_SELECT = False

    state: reactive[Title | None] = reactive(None)

    def show(self, snapshot: WorkbenchSnapshot, *, locked: bool) -> bool:
        before = self.state
        self.state = Title(
            format.harmless(snapshot.topic),
            units.plural(snapshot.records, "record"),
            units.rate(snapshot.throughput.per_second),
            f"{units.count(snapshot.lost)} lost" if snapshot.lost else "",
            locked,
        )
        return self.state != before

    def render(self) -> Content:
        if self.state is None:
            return Content("")
        words = [
            Content.styled("fluvio-tui", "bold $primary"),
            Content.styled(format.clip(self.state.topic, max(self.size.width // 3, 8)), "bold"),
            Content(self.state.records),
            Content(self.state.rate),
        ]
        if self.state.lost:
            words.append(Content.styled(self.state.lost, "$text-warning"))
        if self.state.locked:
            words.append(Content.styled(" locked by offset ", "bold $accent reverse"))
        return Content.styled(" · ", "$foreground 40%").join(words)
