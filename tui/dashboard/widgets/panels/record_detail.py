"""The record under the cursor beside the panes: its fields, each filter's verdict, and why."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content

from engine import units
from engine.fields.format import Format
from engine.live.snapshots import WorkbenchSnapshot
from engine.records.batch import Record
from tui import format
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.present.values.field import as_json
from tui.dashboard.present.values.value import ValueFormat, natural_format
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.parts.reasons import reasons
from tui.dashboard.widgets.parts.value_search import SearchesValue, ValueSearch
from tui.dashboard.widgets.parts.value_view import ValueView
from tui.dashboard.widgets.parts.words import Words, quiet
from tui.dashboard.widgets.rows.record_view import RecordView

WIDE = 150
"""Cells from which the record is at the right, beside the other tabs."""
FOLLOWED_BYTES = 16 << 10
"""Of a value that is not taken apart while the newest record is followed."""
_KEY_CELLS = 24
_OUTSIDE = "dashboard", {"enter_record": "to the fields"}
_INSIDE = (
    "value",
    {
        "search": "searches",
        "copy": "copies",
        "copy_path": "path",
        "filter": "new filter",
        "leave": "to the rows",
    },
)

Explain = Callable[[int, Record], None]
"""Asks why a record has its verdicts; see `Workbench.explain`."""


class RecordDetail(SearchesValue, Container):
    """Follows the cursor of the view that keys act on."""

    def __init__(self, view: Callable[[], RecordView], explain: Explain) -> None:
        super().__init__()
        self._view = view
        self._explain = explain
        self._asked: object = None
        """What decides on the value that is shown."""
        self._record: Record | None = None
        self._about = Words(classes="about")
        self.value = ValueView()
        self.value_search = ValueSearch(lambda: self.value)
        self._reasons = Words()
        self._keys = Words(classes="keys")

    def compose(self) -> ComposeResult:
        yield self._about
        with Container(classes="parts"):
            yield self.value
            with VerticalScroll(can_focus=False, classes="reasons"):
                yield self._reasons
        yield self.value_search
        yield self._keys

    def on_mount(self) -> None:
        self._say_keys()

    def on_descendant_focus(self) -> None:
        self._say_keys()

    on_descendant_blur = on_descendant_focus

    def _say_keys(self) -> None:
        inside = self.value.has_focus
        self._keys.say(quiet(hint_line(self, *(_INSIDE if inside else _OUTSIDE))))

    def show(self) -> bool:
        """Draw the record and what is known of it; whether anything changed."""
        view = self._view()
        row = view.viewport.selected
        asked = (row, view, view.search, view.shown.format, view.cursor is None)
        changed = asked != self._asked or (self._record is None and row is not None)
        if changed:
            self._asked = asked
            self._record = None if row is None else view.content.record(row)
            self._show_value(view)
        record = self._record
        if row is None or record is None:
            return self._reasons.say(Content("")) or changed
        changed |= self._about.say(about_line(record, view.drawing.time_words(record), view.shown.format))
        if view.cursor is not None:
            # What follows the newest record is another one at once.
            self._explain(row, record)
        self.value.show_hits()
        return (
            self._reasons.say(reasons(view.shown.consumers, view.content.newest.explanation, row, record))
            or changed
        )

    def _show_value(self, view: RecordView) -> None:
        record = self._record
        if record is None:
            self._about.say(quiet("no record under the cursor"))
            self.value.show(b"", ValueFormat.TEXT)
            return
        values, find = view.shown.format, view.search.highlight if view.search else None
        value = values.shown(record.value or b"")
        if view.cursor is None and len(value) > FOLLOWED_BYTES:
            self.value.show(value, ValueFormat.TEXT, find)
            return
        shown_as = natural_format(value)
        fields = None if shown_as is ValueFormat.JSON else values.fields(value)
        if fields:
            self.value.show(as_json(fields), ValueFormat.JSON, find, source=value)
        else:
            self.value.show(value, shown_as, find)


def about_line(record: Record, time: str, values: Format) -> Content:
    """Where and when a record is, in one line."""
    utc = "" if "UTC" in time else f" ({format.utc_clock(record.timestamp, 8)} UTC)"
    key = "none" if record.key is None else format.harmless(format.decode(record.key[:256]))
    size = "tombstone" if record.value is None else units.size(len(record.value))
    headers = units.plural(len(record.headers), "header") if record.headers else ""
    words = (
        f"partition {record.partition}",
        f"{time}{utc}",
        f"key {format.clip(key, _KEY_CELLS)}",
        size,
        headers,
        format.harmless(values.about(record.value or b"")),
    )
    said = " · ".join(filter(None, words))
    return Content.styled(units.count(record.offset), "bold $primary") + quiet(f" · {said}")


class RecordPanel(Tab):
    """The record as a tab, where there is no room at the right."""

    label, key, stays = "Record", "dashboard.record", True

    def __init__(self, detail: RecordDetail) -> None:
        super().__init__()
        self.detail = detail

    def compose(self) -> ComposeResult:
        yield self.detail

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:  # noqa: ARG002
        return self.display or self.app.size.width < WIDE

    def show(self, snapshot: WorkbenchSnapshot) -> bool:  # noqa: ARG002
        return self.display and self.detail.show()


class RecordSide(Vertical):
    """The record at the right of the panes."""

    def __init__(self, detail: RecordDetail) -> None:
        super().__init__(detail)
        self.detail = detail
        self.display = False

    def show(self) -> bool:
        return self.display and self.detail.show()
