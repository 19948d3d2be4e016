"""What keys do with the filter of the current pane."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.screen import Screen

from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow import editor
from tui.dashboard.flow.asking import Asking
from tui.dashboard.present import rate_steps
from tui.dashboard.screens.builds import Builds
from tui.dashboard.screens.consumer_settings import ask_settings
from tui.dashboard.widgets.panes.deck import Deck

if TYPE_CHECKING:
    from engine.live.evaluation.live_consumer import LiveConsumer
    from engine.live.workbench import Workbench


class FilterActions:
    """Actions of the target `filter`."""

    def __init__(self, screen: Screen[None], asking: Asking, workbench: "Workbench", deck: Deck) -> None:
        self._screen = screen
        self._asking = asking
        self._workbench = workbench
        self._deck = deck

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Each needs a filter, but the settings can be those of any."""
        consumer = self._deck.consumer
        if action == "edit":
            return consumer is not None and consumer.path is not None
        return bool(self._deck.consumers) if action == "rate_limit" else consumer is not None

    @property
    def _consumer(self) -> ConsumerSnapshot:
        assert self._deck.consumer is not None, "`check_action` has seen one"
        return self._deck.consumer

    @property
    def _live(self) -> "LiveConsumer | None":
        return self._workbench.consumer(self._consumer.id)

    def action_edit(self) -> None:
        """Open the filter in your editor."""
        assert self._consumer.path is not None
        try:
            with self._screen.app.suspend():
                editor.edit(self._consumer.path)
        except EngineError as error:
            self._asking.explain(error)
        except SuspendNotSupported:
            self._asking.warn("cannot open an editor in this terminal")

    def action_rebuild(self) -> None:
        """Build the filter again, saved or not."""
        live = self._live
        if live is not None:
            live.rebuild()

    def action_builds(self) -> None:
        """Compare the builds of the filter, and switch to one."""
        live = self._live
        if live is not None:
            self._screen.app.push_screen(Builds(self._deck.snapshot, live.id, live.use))

    def action_close(self) -> None:
        """Close the filter's pane."""
        self._workbench.remove(self._consumer.id)

    def action_move(self, step: int) -> None:
        """Swap the filter with the one beside it."""
        self._workbench.move(self._consumer.id, step)

    def action_rate_limit(self) -> None:
        """Ask for a rate limit and a position; in the raw pane, for those of any filter."""
        consumers = self._deck.consumers if self._deck.consumer is None else (self._deck.consumer,)
        cursor = self._deck.current.view.cursor
        ask_settings(self._screen, self._asking, self._workbench, consumers, cursor, self._deck.follow)

    def action_faster(self) -> None:
        """Go to the next rate limit above."""
        self._step(rate_steps.faster)

    def action_slower(self) -> None:
        """Go to the next rate limit below."""
        self._step(rate_steps.slower)

    def _step(self, step: Callable[[float | None], float | None]) -> None:
        live = self._live
        if live is not None:
            live.set_rate_limit(step(self._consumer.rate_limit))
