"""The builds of one filter, and switching between them."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.present.build_table import Row, running_facts, table
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.words import QUIET, facts, filter_name


class Builds(ModalScreen[None]):
    """Shows the history of a filter, and switches to an earlier build."""

    BINDINGS = bindings("builds")

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int, use: Callable[[int], None]) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._consumer = consumer
        self._use = use
        self._rows: list[Row] = []
        self._said: tuple[object, ...] = ()
        self._facts = Static(classes="facts", markup=False)
        self._titles = Static(classes="titles", markup=False)
        self._list = Menu(markup=False)
        self._box = Vertical(classes="dialog")

    def compose(self) -> ComposeResult:
        with self._box:
            hints = {"list.choose": "switches to this build", "close": "closes"}
            self._box.border_subtitle = Content(hint_line(self, "builds", hints))
            yield from (self._facts, self._titles, self._list)

    def on_mount(self) -> None:
        self._list.focus()
        self.call_after_refresh(self._begin)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_snapshot, self._snapshot)

    def _begin(self) -> None:
        self.show_snapshot(self._snapshot)
        self._highlight(next((row.version for row in self._rows if row.runs), None))

    def show_snapshot(self, snapshot: WorkbenchSnapshot) -> None:
        self._snapshot = snapshot
        consumer = snapshot.consumer(self._consumer)
        if consumer is None:
            return
        titles, rows = table(consumer, self._list.scrollable_content_region.width)
        about = running_facts(consumer)
        said = (consumer.version, consumer.newer, consumer.state, about, titles, rows)
        if said != self._said:
            self._said = said
            self._box.border_title = _title(consumer)
            self._facts.update(facts(about))
            self._titles.update(titles)
            self._show_rows(rows)

    def _show_rows(self, rows: list[Row]) -> None:
        before, self._rows = self._rows, rows
        if [row.version for row in before] != [row.version for row in rows]:
            place = self._list.highlighted
            chosen = before[place].version if place is not None and place < len(before) else None
            self._list.clear_options()
            self._list.add_options(Option(_words(row), str(row.version)) for row in rows)
            self._highlight(chosen)
            return
        for row, old in zip(rows, before, strict=True):
            if row != old:
                self._list.replace_option_prompt(str(row.version), _words(row))

    def _highlight(self, version: int | None) -> None:
        places = (place for place, row in enumerate(self._rows) if row.version == version)
        self._list.highlighted = next(places, 0 if self._rows else None)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        row = self._rows[message.option_index]
        if row.kept:
            self._use(row.version)
        else:
            self.notify(f"the module of v{row.version} is no longer kept", severity="warning", markup=False)


def _title(consumer: ConsumerSnapshot) -> Content:
    runs = f"  v{consumer.version}" if consumer.version else ""
    newer = f" of {consumer.newer}" if consumer.newer > consumer.version else ""
    return filter_name(consumer) + runs + newer


def _words(row: Row) -> Content:
    style = "bold" if row.runs else "$foreground" if row.kept else QUIET
    words = Content.styled(row.text, style)
    return words + Content.styled(f"\n   {row.problem}", "$text-error") if row.problem else words
