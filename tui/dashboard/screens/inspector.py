"""One record in full: its fields, its value, what was made of it, and each filter's verdict."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine import units
from engine.errors import EngineError
from engine.fields.format import Format
from engine.fields.table import TEXT
from engine.records.batch import Record
from tui import format
from tui.dashboard.flow.asking import Asking
from tui.dashboard.flow.clipboard import copy_value
from tui.dashboard.flow.pinning import pin
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import Hints, fitting_hints
from tui.dashboard.present.values.field import Field
from tui.dashboard.present.values.record_outputs import Made, made_of
from tui.dashboard.present.values.value import Role, ValueFormat, natural_format, why_no_tree
from tui.dashboard.present.values.value_difference import differing
from tui.dashboard.screens.dialogues.choose_filter import ChooseFilter
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.panels.record_detail import Explain
from tui.dashboard.widgets.parts.reasons import reasons
from tui.dashboard.widgets.parts.value_search import SearchesValue, ValueSearch
from tui.dashboard.widgets.parts.value_view import ValueView
from tui.dashboard.widgets.parts.words import QUIET, Words, facts
from tui.dashboard.widgets.rows.record_view import RecordView

KEY_BYTES = 4 << 10
"""Of a key or a header, at most."""
_STEPS, _REST = "up down", {"previous_format next_format": "format", "value": "value"}
_KEYS: tuple[Hints, ...] = (
    {
        _STEPS: "records",
        **_REST,
        "value": "value",
        "search": "searches",
        "copy": "copies",
        "pin": "pins as a test",
        "close": "closes",
    },
    {_STEPS: "record", **_REST, "search": "search", "copy": "copy", "pin": "test", "close": ""},
    {_STEPS: "record", **_REST, "value": "in"},
)
"""The hints about keys, in ever shorter forms."""
_KEYS_OF_A_TREE: tuple[Hints, ...] = (
    {
        _STEPS: "lines",
        "fold unfold": "fold",
        "toggle_all": "all",
        "search": "searches",
        "copy copy_path": "copies value, path",
        "filter": "new filter",
        "leave": "back",
    },
    {_STEPS: "lines", "fold unfold": "fold", "filter": "filter", "leave": "back"},
    {_STEPS: "lines", "fold unfold": "fold", "leave": "back"},
)
_KEYS_OF_LINES: tuple[Hints, ...] = (
    {_STEPS: "lines", "search": "searches", "leave": "back to the records"},
    {_STEPS: "lines", "leave": "back"},
)


class Inspector(SearchesValue, Dialogue[Field | None], inherit_bindings=False):
    """Shows the record under a view's cursor, and moves that cursor.

    Returns the field that a new filter is to begin with, if one is wanted.
    """

    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012
    BINDINGS = bindings("inspector")

    def __init__(self, view: RecordView, explain: Explain) -> None:
        super().__init__()
        self._view = view
        self._explain = explain
        self._consumer = view.consumer
        self._chosen: ValueFormat | None = None
        """The format that was asked for; it stays on other records."""
        self._shown: tuple[int, Record] | None = None
        self._output_shown: Record | None = None
        self._format = ValueFormat.TEXT
        self._asked: object = None
        """What decides on the values that are shown."""
        self._place = 0
        """Which of several outputs is shown."""
        self._about = Words(classes="about")
        self._reasons = Words()
        self._verdicts = VerticalScroll(self._reasons, can_focus=False, classes="verdicts")
        self._formats = Static(classes="formats", markup=False)
        self._input_side, self._output_side = Static(classes="side"), Static(classes="side", markup=False)
        self._value, self._output = ValueView(), ValueView()
        self._made = Vertical(self._output_side, self._output)
        self._values = Horizontal(Vertical(self._input_side, self._value), self._made, classes="values")
        self.value_search = ValueSearch(lambda: self._inner)
        self._box = VerticalScroll(classes="dialog", can_focus=False)

    def compose(self) -> ComposeResult:
        with self._box:
            yield from (self._about, self._verdicts, self._formats, self._values, self.value_search)

    def on_mount(self) -> None:
        self.show()
        self._offer_keys()

    def _offer_keys(self) -> None:
        value, inside = self._inner, self.focused is self._inner
        forms = (_KEYS_OF_A_TREE if value.foldable else _KEYS_OF_LINES) if inside else _KEYS
        group, room = "value" if inside else "inspector", self.size.width * 9 // 10 - 6
        self._box.border_subtitle = Content(fitting_hints(self, group, forms, room))

    on_resize = on_descendant_focus = on_descendant_blur = _offer_keys

    def show(self) -> None:
        """Draw the record under the cursor and its newest verdicts, also if it no longer passes."""
        row = self._view.cursor
        if row is None:
            return
        made = made_of(self._view.shown.consumer(self._consumer), row)
        content = None if made is None else (made.content, len(made))
        asked = (row, self._chosen, self._place, content, self._view.shown.format)
        if self._asked != asked:
            self._asked = asked
            self._show_record(row, made)
        consumers = self._view.shown.consumers
        record = None if self._shown is None else self._shown[1]
        if record is not None:
            self._about.say(about(record, self._view.drawing.time_words(record), self._view.shown.format))
            self._explain(row, record)
        if self._reasons.say(reasons(consumers, self._view.content.newest.explanation, row, record)):
            self._verdicts.display = bool(consumers)

    def show_again(self) -> None:
        """As the dashboard draws a snapshot."""
        self.show()
        self._value.show_hits()
        self._output.show_hits()

    @property
    def _inner(self) -> ValueView:
        """The value that keys go into."""
        return self._output if self._made.display else self._value

    def _show_record(self, row: int, made: Made | None) -> None:
        """Decode and lay out a record, which is too slow for every frame."""
        record = self._view.content.record(row)
        self._made.display = self._input_side.display = record is not None and made is not None
        self._values.set_class(self._made.display, "-beside")
        self._shown = None if record is None else (row, record)
        self._output_shown = None
        if record is None:
            loading = self._view.content.is_loading(row)
            if loading:
                self._asked = None
            self._box.border_title = Content("loading" if loading else "no record")
            self._about.say(Content("" if loading else "this record is no longer in the log"))
            self._formats.update("")
            self._value.show(b"", ValueFormat.TEXT, None)
            return
        values = self._view.shown.format
        value = values.shown(record.value or b"")
        self._format = self._chosen or natural_format(value)
        self._box.border_title = Content(f"offset {units.count(record.offset)}")
        self._formats.update(_formats(self._format, why_no_tree(value, self._format)))
        if made is None:
            self._show_value(self._value, value, None, Role.HIT)
        else:
            label, output = made.shown(self._place, record)
            self._output_shown = output
            self._input_side.update("input")
            self._output_side.update(label)
            output_value = values.shown(output.value or b"")
            self._show_value(self._value, value, output_value, Role.REMOVED)
            self._show_value(self._output, output_value, value, Role.ADDED)
        self.value_search.follow()
        self._offer_keys()

    def _show_value(self, view: ValueView, value: bytes, other: bytes | None, mark: Role) -> None:
        """Show a value, with what is searched for or, without a search, how it differs from another."""
        search = self._view.search
        if search is not None:
            view.show(value, self._format, search.highlight)
        else:
            view.show(value, self._format, None if other is None else differing(value, other), mark)

    def action_step(self, delta: int) -> None:
        self._place = 0
        self._view.action_move(delta)
        self.show()

    def action_format(self, step: int) -> None:
        if self._shown is not None:
            formats = list(ValueFormat)
            self._chosen = formats[(formats.index(self._format) + step) % len(formats)]
            self.show()

    def action_output(self, step: int) -> None:
        self._place += step
        self.show()

    def action_enter(self) -> None:
        self._inner.focus(scroll_visible=False)

    def on_value_view_filter_wanted(self, message: ValueView.FilterWanted) -> None:
        self.dismiss(message.field)

    def on_value_view_left(self) -> None:
        self.set_focus(None)

    def action_page(self, direction: int) -> None:
        """Page through the value, or through the dialogue if the value is shown in full."""
        scroller = self._inner.scroller
        scroller.scroll_relative(y=direction * max(scroller.size.height - 1, 1), animate=False)

    def action_end(self, direction: int) -> None:
        scroller = self._inner.scroller
        scroller.scroll_to(y=0 if direction < 0 else scroller.max_scroll_y, animate=False)

    # The search within the value.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action not in ("seek", "end_search") or self.value_search.display

    def action_search(self) -> None:
        self.value_search.open()

    def action_seek(self, step: int) -> None:
        self._inner.action_seek(step)

    def action_end_search(self) -> None:
        self.value_search.close()

    def action_copy(self) -> None:
        if self._shown is not None:
            copy_value(self.app, self._output_shown or self._shown[1], self._view.shown.format)

    def action_pin(self) -> None:
        """Pin the record as a test case of this pane's filter, else of the filters that are chosen."""
        consumers = self._view.shown.consumers
        if self._shown is None or not consumers:
            return
        if self._consumer is not None or len(consumers) == 1:
            self._pin((self._consumer or consumers[0].id,))
        else:
            asked = ChooseFilter("pin as a test case of", consumers, self._shown[0])
            self.app.push_screen(asked, self._pin)

    def _pin(self, identities: tuple[int, ...] | None) -> None:
        if self._shown is None:
            return
        row, record = self._shown
        asking = Asking(self, lambda: None)
        for consumer in self._view.shown.consumers:
            if consumer.id in (identities or ()):
                try:
                    asking.tell(pin(record, row, consumer))
                except EngineError as error:
                    asking.explain(error)


def about(record: Record, time: str, values: Format = TEXT) -> Content:
    """The fields of a record, one per line; `values` is the format of its value."""
    schema = values.about(record.value or b"")
    rows = [
        ("offset", f"{units.count(record.offset)} of partition {record.partition}"),
        ("time", time),
        ("key", "none" if record.key is None else _some(record.key)),
        *(
            (f"header {format.harmless(name)}", "none" if value is None else _some(value))
            for name, value in record.headers
        ),
        ("value", "none (a tombstone)" if record.value is None else units.size(len(record.value))),
        *([("schema", format.harmless(schema))] if schema else []),
    ]
    return facts(rows)


def _some(octets: bytes) -> str:
    whole = len(octets) <= KEY_BYTES
    text = format.harmless(format.decode(octets[:KEY_BYTES], final=whole))
    return text if whole else f"{text}…"


def _formats(chosen: ValueFormat, no_tree: str) -> Content:
    """The formats, and why there is no tree if one could be expected."""
    line = Content("  ").join(
        Content.styled(f" {one.value} ", "bold reverse" if one is chosen else QUIET) for one in ValueFormat
    )
    return line + Content.styled(f"  {no_tree}" if no_tree else "", "$text-warning")
