"""What keys do with the topic: add filters, read it from elsewhere, go to another one."""

from typing import TYPE_CHECKING

from textual.screen import Screen

from engine.errors import EngineError
from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.scrollback_requests import ScrollbackRequests
from tui.dashboard.screens.add_filter import add_filter
from tui.dashboard.screens.change_topic import change_topic
from tui.dashboard.screens.go_to import go_to
from tui.dashboard.screens.replay import replay
from tui.dashboard.widgets.panes.deck import Deck

if TYPE_CHECKING:
    from engine.live.workbench import Workbench, Workbenches


class TopicActions:
    """Actions of the target `topic`."""

    def __init__(
        self,
        screen: Screen[None],
        asking: Asking,
        workbench: "Workbench",
        workbenches: "Workbenches | None",
        deck: Deck,
        requests: ScrollbackRequests,
    ) -> None:
        """Without `workbenches` there is no other topic to go to."""
        self._screen = screen
        self._asking = asking
        self._workbench = workbench
        self._workbenches = workbenches
        self._deck = deck
        self._requests = requests

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Whether an action is possible now."""
        return action != "change" or self._workbenches is not None

    def action_add(self) -> None:
        """Ask for a filter, and open a pane for it."""
        try:
            add_filter(self._asking, self._workbench)
        except EngineError as error:
            self._asking.explain(error)

    def action_change(self) -> None:
        """Ask for another topic, and go there."""
        assert self._workbenches is not None, "`check_action` has seen them"
        topic = self._deck.snapshot.topic
        self._asking.do(change_topic(self._screen, self._asking, self._workbenches, topic))

    def action_replay(self) -> None:
        """Ask from where to read the topic again."""
        replay(self._asking, self._workbench, self._deck.follow)

    def action_go_to(self) -> None:
        """Ask for an offset or a time, and go there."""
        view = self._deck.current.view
        go_to(self._asking, self._workbench, lambda target: self._requests.go(view, target))
