"""What keys do with the record under the cursor, or with the records of a pane."""

from engine.live.views import View
from tui.dashboard.flow.clipboard import copy_value
from tui.dashboard.present.lesson import Step
from tui.dashboard.screens.actions import Actions
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.screens.produce_record import draft_of, produce_record
from tui.dashboard.screens.save_records import save
from tui.dashboard.widgets.panes.filter_view import FilterView

NO_RECORD = "this pane has no records"


class RecordActions(Actions):
    """Actions of the target `record`."""

    def action_inspect(self) -> None:
        view = self.dock.view
        row = view.viewport.selected
        if row is None:
            self.asking.tell(NO_RECORD)
        else:
            view.select(row)
            self.lesson.note(Step.INSPECT)
            self.screen.app.push_screen(Inspector(view, view.consumer))

    def action_copy(self) -> None:
        record = self.dock.view.record
        if record is None:
            self.asking.tell(NO_RECORD)
        else:
            copy_value(self.screen.app, record)

    def action_produce(self) -> None:
        view = self.dock.view
        draft = draft_of(None if view.cursor is None else view.record)
        produce_record(self.asking, self.workbench, self.deck.snapshot.topic, draft)

    def action_save(self) -> None:
        topic, consumer = self.deck.snapshot.topic, self.deck.consumer
        name = topic if consumer is None else f"{topic}-{consumer.name}"
        viewed = self.dock.view
        if isinstance(viewed, FilterView) and viewed.view is not View.PASSED:
            name += f"-{viewed.view.value}"
        if not len(self.dock.view.rows):
            self.asking.tell(NO_RECORD)
            return
        save(self.asking, self.workbench, self.dock.view, name)
