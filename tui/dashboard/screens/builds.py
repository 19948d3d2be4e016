"""The builds of one filter: switching between them, their sources, and restoring these."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import read_sources
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.asking import Asking
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line, key_name
from tui.dashboard.present.build_table import Row, running_facts, table
from tui.dashboard.present.source_lines import Line, difference_lines, source_lines
from tui.dashboard.screens.source_of_build import SourceOfBuild
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.words import QUIET, facts, filter_name

if TYPE_CHECKING:
    from engine.live.workbench import Workbench


class Builds(ModalScreen[None]):
    """Shows the builds of a filter, switches to one, and writes its source to the file again."""

    BINDINGS = bindings("builds")

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int, workbench: "Workbench") -> None:
        super().__init__()
        self._snapshot = snapshot
        self._consumer = consumer
        self._workbench = workbench
        self._asking = Asking(self, lambda: None)
        self._earlier: tuple[KeptBuild, ...] = ()
        self._rows: list[Row] = []
        self._said: tuple[object, ...] = ()
        self._facts = Static(classes="facts", markup=False)
        self._titles = Static(classes="titles", markup=False)
        self._list = Menu(markup=False)
        self._box = Vertical(classes="dialog")

    def compose(self) -> ComposeResult:
        with self._box:
            hints = {
                "list.choose": "switches to it",
                "view": "source",
                "compare": "difference to the file",
                "restore": "restores the file",
                "close": "closes",
            }
            self._box.border_subtitle = Content(hint_line(self, "builds", hints))
            yield from (self._facts, self._titles, self._list)

    def on_mount(self) -> None:
        self._list.focus()
        self.call_after_refresh(self._begin)
        self._asking.do(self._load())

    async def _load(self) -> None:
        self._earlier = await asyncio.to_thread(self._workbench.kept_builds, self._consumer)
        self.show_snapshot(self._snapshot)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_snapshot, self._snapshot)

    def _begin(self) -> None:
        self.show_snapshot(self._snapshot)
        self._highlight(next((row.started for row in self._rows if row.runs), None))

    def show_snapshot(self, snapshot: WorkbenchSnapshot) -> None:
        self._snapshot = snapshot
        consumer = snapshot.consumer(self._consumer)
        if consumer is None:
            return
        titles, rows = table(consumer, self._list.scrollable_content_region.width, self._earlier)
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
        if [row.started for row in before] != [row.started for row in rows]:
            place = self._list.highlighted
            chosen = before[place].started if place is not None and place < len(before) else None
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
        live = self._workbench.consumer(self._consumer)
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
        changed = await asyncio.to_thread(self._workbench.restore, row.sources)
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
