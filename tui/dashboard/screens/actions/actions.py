"""What an action works with that belongs to the dashboard, not to one widget."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

from tui.dashboard.flow.asking import Asking
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.lesson_panel import LessonPanel
from tui.dashboard.widgets.panes.deck import Deck

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


@dataclass(frozen=True)
class Actions:
    """A target of actions: subclasses have a method `action_…` for each."""

    screen: Screen[None]
    asking: Asking
    deck: Deck
    dock: Dock
    lesson: LessonPanel

    @property
    def workbench(self) -> "Workbench":
        """That of the current pane's topic."""
        return self.deck.topic.workbench

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        return True
