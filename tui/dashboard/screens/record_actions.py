"""What keys do with the record under the cursor, or with the records of a pane."""

from typing import TYPE_CHECKING

from textual.screen import Screen

from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.clipboard import copy_value
from tui.dashboard.present.lesson import Step
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.screens.produce_record import draft_of, produce_record
from tui.dashboard.screens.save_records import save
from tui.dashboard.widgets.panels.drawer import Drawer
from tui.dashboard.widgets.panes.deck import Deck

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


class RecordActions:
    """Actions of the target `record`."""

    def __init__(
        self, screen: Screen[None], asking: Asking, workbench: "Workbench", deck: Deck, drawer: Drawer
    ) -> None:
        self._screen = screen
        self._asking = asking
        self._workbench = workbench
        self._deck = deck
        self._drawer = drawer

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """All are possible at any time."""
        return True

    def action_inspect(self) -> None:
        """Open the record under the cursor."""
        view = self._drawer.view
        row = view.selected
        if row is not None:
            view.select(row)
            self._drawer.lesson.note(Step.INSPECT)
            changes = self._drawer.changes.view
            consumer = changes.consumer if view is changes else self._deck.current.consumer
            self._screen.app.push_screen(Inspector(view, consumer))

    def action_copy(self) -> None:
        """Copy the value of the record under the cursor."""
        record = self._drawer.view.record
        if record is not None:
            copy_value(self._screen.app, record)

    def action_produce(self) -> None:
        """Ask for a record, beginning with the one under the cursor, and append it to the topic."""
        view = self._drawer.view
        draft = draft_of(None if view.cursor is None else view.record)
        produce_record(self._asking, self._workbench, self._deck.snapshot.topic, draft)

    def action_save(self) -> None:
        """Ask for a file, and write the records of the pane to it."""
        topic, consumer = self._deck.snapshot.topic, self._deck.consumer
        name = topic if consumer is None else f"{topic}-{consumer.name}"
        save(self._asking, self._workbench, self._drawer.view, name)
