"""The dock under the panes: one place, with tabs, for what is read beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.words import QUIET
from tui.dashboard.widgets.rows.record_view import RecordView

_T = TypeVar("_T", bound=Tab)
_SEPARATOR = Content.styled("│", QUIET)


@dataclass(frozen=True, slots=True)
class _Label:
    number: int
    text: str
    front: bool

    def draw(self) -> Content:
        style = "bold $primary reverse" if self.front else QUIET
        return Content.styled(f" {self.text} ", style).stylize(Style.from_meta({"tab": self.number}))


class DockBar(Widget):
    """The labels of the tabs, and the keys of the dock."""

    ALLOW_SELECT = False
    labels: reactive[tuple[_Label, ...]] = reactive(())

    class Chosen(Message):
        """A label was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def render(self) -> Content:
        labels = _SEPARATOR.join(label.draw() for label in self.labels)
        enlarge, close = (key_name(self, f"dashboard.{name}") for name in ("enlarge", "close_panel"))
        hint = f"{enlarge} enlarges · {close} closes"
        gap = self.size.width - labels.cell_length - len(hint)
        return labels if gap < 1 else labels + Content.styled(" " * gap + hint, QUIET)

    def on_click(self, event: events.Click) -> None:
        if "tab" in event.style.meta:
            self.post_message(self.Chosen(event.style.meta["tab"]))


class Dock(Vertical):
    """Takes no room while no tab is open. The tab in front is the one that was opened last."""

    class Turned(Message):
        """Another tab is in front, or none."""

    def __init__(self, deck: Deck, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._deck = deck
        self._tabs = tuple(tabs)
        self._open: list[Tab] = []
        self._bar = DockBar()
        self._arrange()

    def compose(self) -> ComposeResult:
        yield from (self._bar, *self._tabs)

    @property
    def front(self) -> Tab | None:
        return self._open[-1] if self._open else None

    @property
    def view(self) -> RecordView:
        """The records that keys act on: those of the tab with the focus, else the current pane's."""
        shown = None if self.front is None else self.front.records
        return shown if shown is not None and shown.has_focus else self._deck.current.view

    @property
    def views(self) -> list[RecordView]:
        return [tab.records for tab in self._tabs if tab.records is not None]

    def tab(self, kind: type[_T]) -> _T:
        return next(tab for tab in self._tabs if isinstance(tab, kind))

    @property
    def _snapshot(self) -> WorkbenchSnapshot:
        """That of the current pane's topic, which tabs are about."""
        return self._deck.snapshot

    def show(self) -> bool:
        """Draw what is known of the current pane's topic; whether anything changed on the screen."""
        snapshot, front = self._snapshot, self.front
        if front is None:
            return False
        if not front.offered(snapshot):
            self.close(front)
            return True
        before, self._bar.labels = self._bar.labels, self._labels()
        drawn = [tab.show(snapshot) for tab in self._open]
        return any(drawn) or before != self._bar.labels

    def offers(self) -> tuple[bool, ...]:
        """Whether each tab can be opened."""
        return tuple(tab.offered(self._snapshot) for tab in self._tabs)

    def open(self, tab: Tab) -> None:
        """Bring a tab to the front, over those that stay open."""
        self._open = [*(one for one in self._open if one.stays and one is not tab), tab]
        tab.open(self._snapshot)
        self._turn(tab.keys_go_to)

    def close(self, tab: Tab) -> None:
        self._open.remove(tab)
        tab.close()
        self._turn()

    def close_front(self) -> bool:
        """Close the tab in front; whether there was one."""
        front = self.front
        if front is not None:
            self.close(front)
        return front is not None

    def _turn(self, keys_go_to: Widget | None = None) -> None:
        # The focus first: hiding what has it would send it anywhere.
        if keys_go_to is not None or self.has_focus_within:
            self.display = True
            self.screen.set_focus(self._deck.current.view if keys_go_to is None else keys_go_to)
        self._arrange()
        self.show()
        self.post_message(self.Turned())

    def _arrange(self) -> None:
        self.display = self.front is not None
        for tab in self._tabs:
            tab.display = tab is self.front
            self.set_class(tab.display, f"-{tab.label.lower()}")
        if self.front is None:
            self.remove_class("-enlarged")

    def _labels(self) -> tuple[_Label, ...]:
        return tuple(
            _Label(number, f"{tab.label} {tab.count(self._snapshot)}".rstrip(), tab is self.front)
            for number, tab in enumerate(self._tabs)
            if tab.offered(self._snapshot)
        )

    def on_dock_bar_chosen(self, message: DockBar.Chosen) -> None:
        self.action_turn(self._tabs[message.number].label)

    # Actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "enlarge":
            return self.front is not None
        return action != "turn" or self._named(parameters[0]).offered(self._snapshot)

    def action_turn(self, label: str) -> None:
        """Open a tab, or close it if it is in front."""
        tab = self._named(label)
        if tab is self.front:
            self.close(tab)
        else:
            self.open(tab)

    def action_enlarge(self) -> None:
        self.toggle_class("-enlarged")

    def _named(self, label: object) -> Tab:
        return next(tab for tab in self._tabs if tab.label == label)
