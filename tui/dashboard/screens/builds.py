"""The builds of one filter: switching between them, their sources, and restoring these."""

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import read_sources
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line, key_name
from tui.dashboard.present.builds.build_table import Row, running_facts, table
from tui.dashboard.present.builds.source_lines import Line, difference_lines, source_lines
from tui.dashboard.screens.dialogues.source_of_build import SourceOfBuild
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.words import QUIET, Words, facts, filter_name, quiet

_HINTS = {
    "list.choose": "switches",
    "view": "shows source",
    "compare": "compares",
    "restore": "restores",
}


class BuildsPanel(Tab):
    """Shows the builds of a filter, switches to one, and writes its source to the file again."""

    label, key = "Builds", "dashboard.builds"
    BINDINGS = bindings("builds")

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self._consumer: int | None = None
        self._earlier: tuple[KeptBuild, ...] = ()
        self._rows: list[Row] = []
        self._said: tuple[object, ...] = ()
        self._title = Words(classes="title")
        self._facts = Words(classes="facts")
        self._titles = Static(classes="titles", markup=False)
        self._list = Menu(markup=False)

    def compose(self) -> ComposeResult:
        yield from (self._title, self._facts, self._titles, self._list)

    @property
    def keys_go_to(self) -> Widget:
        return self._list

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        """Of the current pane's filter; an open one stays with the filter that it was opened for."""
        return snapshot.consumer(self._consumer if self.display else self._deck.current.consumer) is not None

    def open(self, snapshot: WorkbenchSnapshot) -> None:
        self._consumer = self._deck.current.consumer
        self._earlier, self._rows, self._said = (), [], ()
        self._list.clear_options()
        self._asking.do(self._load())
        self.call_after_refresh(self.show, snapshot)

    @property
    def _asking(self) -> Asking:
        return Asking(self.screen, lambda: None)

    async def _load(self) -> None:
        if self._consumer is not None:
            self._earlier = await asyncio.to_thread(self._deck.topic.workbench.kept_builds, self._consumer)
            self.show(self._deck.snapshot)

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self.show(self._deck.snapshot))

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        consumer = snapshot.consumer(self._consumer)
        width = self._list.scrollable_content_region.width
        if consumer is None or not width:
            return False
        titles, rows = table(consumer, width, self._earlier)
        about = running_facts(consumer)
        said = (consumer.version, consumer.newer, consumer.state, about, titles, rows)
        if said == self._said:
            return False
        self._said = said
        self._title.say(_title(consumer) + quiet(f"  {hint_line(self, 'builds', _HINTS)}"))
        self._facts.say(facts(about))
        self._titles.update(titles)
        self._show_rows(rows)
        return True

    def _show_rows(self, rows: list[Row]) -> None:
        before, self._rows = self._rows, rows
        if [row.started for row in before] != [row.started for row in rows]:
            place = self._list.highlighted
            running = next((row.started for row in rows if row.runs), None)
            chosen = before[place].started if place is not None and place < len(before) else running
            self._list.clear_options()
            self._list.add_options(Option(_words(row)) for row in rows)
            self._highlight(chosen)
            return
        for place, (row, old) in enumerate(zip(rows, before, strict=True)):
            if row != old:
                self._list.replace_option_prompt_at_index(place, _words(row))

    def _highlight(self, started: float | None) -> None:
        places = (place for place, row in enumerate(self._rows) if row.started == started)
        self._list.highlighted = next(places, 0 if self._rows else None)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        row = self._rows[message.option_index]
        live = None if self._consumer is None else self._deck.topic.workbench.consumer(self._consumer)
        if row.kept and live is not None:
            live.use(row.version)
        elif row.version:
            self._warn(f"the module of {row.name} is no longer kept")
        else:
            self._warn(
                f"the module of an earlier session is not kept: "
                f"{key_name(self, 'builds.restore')} restores its source"
            )

    # The source of the build under the cursor.

    @property
    def _chosen(self) -> Row | None:
        """The build under the cursor; None, with a message, if its source is not kept."""
        place = self._list.highlighted
        row = None if place is None else self._rows[place]
        if row is not None and not row.sources:
            self._warn(f"the source of {row.name} is not kept")
            return None
        return row

    def action_view(self) -> None:
        if (row := self._chosen) is not None:
            self._show_source(Content(f"source of {row.name}"), source_lines(row.sources))

    def action_compare(self) -> None:
        if (row := self._chosen) is not None:
            self._asking.do(self._compare(row))

    async def _compare(self, row: Row) -> None:
        present = await asyncio.to_thread(read_sources, [one.path for one in row.sources])
        lines = difference_lines(row.sources, present)
        if lines:
            self._show_source(Content(f"from {row.name} to the file as it is now"), lines)
        else:
            self._asking.tell(f"the file is as in {row.name}")

    def action_restore(self) -> None:
        if (row := self._chosen) is not None:
            self._asking.do(self._restore(row))

    async def _restore(self, row: Row) -> None:
        changed = await asyncio.to_thread(self._deck.topic.workbench.restore, row.sources)
        if changed:
            names = ", ".join(path.name for path in changed)
            self._asking.tell(f"{names} restored; what was there before is in the list")
        else:
            self._asking.tell(f"the file is as in {row.name}")
        await self._load()

    def _show_source(self, title: Content, lines: Sequence[Line]) -> None:
        self.app.push_screen(SourceOfBuild(title, lines))

    def _warn(self, message: str) -> None:
        self.notify(message, severity="warning", markup=False)


def _title(consumer: ConsumerSnapshot) -> Content:
    runs = f"  v{consumer.version}" if consumer.version else ""
    newer = f" of {consumer.newer}" if consumer.newer > consumer.version else ""
    return filter_name(consumer) + runs + newer


def _words(row: Row) -> Content:
    style = "bold" if row.runs else "$foreground" if row.kept else QUIET
    words = Content.styled(row.text, style)
    return words + Content.styled(f"\n   {row.problem}", "$text-error") if row.problem else words
