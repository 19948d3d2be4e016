"""What keys do with the record under the cursor, or with the records of a pane."""

from dataclasses import dataclass

from engine.live.views import View
from tui.dashboard.flow.clipboard import copy_value
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.lesson import Step
from tui.dashboard.present.typed_record import Draft, draft_of
from tui.dashboard.present.values.field import Field
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.dialogues.new_filter import new_filter
from tui.dashboard.screens.dialogues.produce_record import produce_record
from tui.dashboard.screens.dialogues.save_records import save
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.panels.record_detail import WIDE, RecordDetail, RecordPanel, RecordSide
from tui.dashboard.widgets.rows.filter_view import FilterView

NO_RECORD = "this pane has no records"


@dataclass(frozen=True)
class RecordActions(Actions):
    """Actions of the target `record`."""

    panel: RecordPanel
    side: RecordSide

    @property
    def detail(self) -> RecordDetail | None:
        """What shows the record beside the panes; None while nothing does."""
        shown: RecordSide | RecordPanel = self.side if self.side.display else self.panel
        return shown.detail if shown.display else None

    def action_detail(self) -> None:
        """Open the record beside the panes, or close it."""
        if self.side.display or self.screen.app.size.width >= WIDE:
            self._show_side(shown=not self.side.display)
        else:
            self.dock.action_turn(self.panel.label)

    def close_detail(self) -> bool:
        """Close the record at the right; whether it was open."""
        shown = self.side.display
        if shown:
            self._show_side(shown=False)
        return shown

    def fit(self, width: int) -> None:
        """Keep the record open where there is room for it."""
        if self.side.display and width < WIDE:
            self._show_side(shown=False)
            self.dock.open(self.panel)
        elif self.panel.display and width >= WIDE:
            self.dock.close(self.panel)
            self._show_side(shown=True)

    def _show_side(self, *, shown: bool) -> None:
        if not shown and self.side.has_focus_within:
            self.screen.set_focus(self.deck.current.view)
        self.side.display = shown

    def action_enter(self) -> None:
        """Go to the fields of the record beside the panes, which opens it if it is closed."""
        if self.detail is None:
            self.action_detail()
        if self.detail is not None:
            view = self.deck.current.view
            if view.viewport.selected is not None and view.cursor is None:
                view.select(view.viewport.selected)
            self.screen.set_focus(self.detail.value)

    def action_filter(self) -> None:
        """Begin a filter with the field under the cursor of the record beside the panes."""
        self.begin_filter(None if self.detail is None else self.detail.value.field)

    def begin_filter(self, field: Field | None) -> None:
        if field is None or not field.path:
            key = key_name(self.screen, "dashboard.enter_record")
            self.asking.tell(f"no field is chosen: press {key} to go to the fields of the record")
        else:
            new_filter(self.screen, self.asking, self.workbench, field)

    def action_inspect(self) -> None:
        view = self.dock.view
        row = view.viewport.selected
        if row is None:
            self.asking.tell(NO_RECORD)
        else:
            view.select(row)
            self.lesson.note(Step.INSPECT)
            self.screen.app.push_screen(Inspector(view, self.workbench.explain), self._inspected)

    def _inspected(self, field: Field | None) -> None:
        if field is not None:
            self.begin_filter(field)

    def action_copy(self) -> None:
        record = self.dock.view.record
        if record is None:
            self.asking.tell(NO_RECORD)
        else:
            copy_value(self.screen.app, record, self.deck.snapshot.format)

    def action_produce(self) -> None:
        broker = self.deck.snapshot.broker
        if broker is not None and broker.read_only:
            # Before anything is typed; the broker would refuse it afterwards.
            self.asking.warn(f"cannot produce: broker '{broker.name}' is read-only")
            return
        view = self.dock.view
        record = None if view.cursor is None else view.record
        draft = Draft() if record is None else draft_of(record)
        place = self.deck.snapshot.topic if broker is None else f"{self.deck.snapshot.topic} on {broker.name}"
        produce_record(self.asking, self.workbench, place, draft)

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
