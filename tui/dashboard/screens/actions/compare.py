"""What keys do with differences: choosing two sides, grouping by a field, pinning all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from engine.fields.path import path_text
from engine.live.comparison.groups import Groups, fields_of, group_rows
from engine.live.comparison.side import BuildSide, CasesSide, PaneSide, Side
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.versions.build_history import HistoryEntry
from tui import format
from tui.dashboard.flow.pinning import accept, expectations_beside, pin_several
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.dialogues.question import Question
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel

Then: TypeAlias = Callable[[str], Awaitable[object]]

MOST_PINNED = 1_000
"""In one go: the newest."""
MOST_ANSWERS = 200
"""Of a question."""
_ALL = ""
"""The answer that groups no longer."""


class CompareActions(Actions):
    """Actions of the target `compare`."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        return bool(self.deck.snapshot.consumers)

    @property
    def _panel(self) -> ChangesPanel:
        return self.dock.tab(ChangesPanel)

    def action_choose(self) -> None:
        """Ask for both sides, and list how they differ."""
        self.asking.prepare(self._choose())

    async def _choose(self) -> None:
        consumer = self.deck.consumer or self.deck.snapshot.consumers[0]
        files = await asyncio.to_thread(expectations_beside, consumer)
        old = _sides(consumer, self.deck.snapshot.consumers)
        if files is not None:
            old[f"the expectations in {files.name}"] = CasesSide(path=files)
        if len(old) == 1:
            self.asking.tell("there is nothing to compare with yet: save a change, or add a filter")
            return

        async def chosen(answer: str) -> None:
            self._ask_new(old[answer], consumer)

        self._ask("compare what?", "the older side of the differences", old, chosen)

    def _ask_new(self, old: Side, consumer: ConsumerSnapshot) -> None:
        new = {words: side for words, side in self._new_sides(consumer).items() if side != old}

        async def chosen(answer: str) -> None:
            self.dock.close_front()
            self._panel.take(self.workbench.compare(old, new[answer]))
            self.dock.open(self._panel)

        self._ask("with what?", "the newer side", new, chosen)

    def _new_sides(self, consumer: ConsumerSnapshot) -> dict[str, Side]:
        sides = _sides(consumer, self.deck.snapshot.consumers)
        panes = {words: side for words, side in sides.items() if isinstance(side, PaneSide)}
        here = {words: side for words, side in panes.items() if side == PaneSide(consumer=consumer.id)}
        return {**here, **panes, **sides}

    def _ask(self, title: str, words: str, answers: Iterable[str], then: Then) -> None:
        self.asking.ask(Question(title, words, {answer: answer for answer in answers}), then)

    # What is listed.

    def action_group(self) -> None:
        """Ask for a field, and then for one of its values: only those changes are listed."""
        self.asking.prepare(self._group())

    async def _group(self) -> None:
        view = self._panel.view
        shown, rows = view.shown, view.every_row()
        fields = await asyncio.to_thread(fields_of, shown.window, rows, shown.format)
        if not fields:
            self.asking.tell(f"these records have no fields: their format is {shown.format.name}")
            return
        by_name = {path_text(path): path for path in fields[:MOST_ANSWERS]}

        async def ask_value(name: str) -> None:
            groups = await asyncio.to_thread(group_rows, shown.window, rows, shown.format, by_name[name])
            self._ask_group(name, groups)

        async def chosen(name: str) -> None:
            self.asking.prepare(ask_value(name))

        self._ask("group by", "a field of these records", by_name, chosen)

    def _ask_group(self, name: str, groups: Groups) -> None:
        view = self._panel.view
        answers = {
            value: f"{format.clip(format.harmless(value), 60)}  {len(rows):,}"
            for value, rows in list(groups.items())[:MOST_ANSWERS]
        }

        async def chosen(value: str) -> None:
            view.show_only(None if value == _ALL else (f"{name}={value}", groups[value]))

        question = Question(f"differences by {name}", "", {_ALL: "all of them", **answers})
        self.asking.ask(question, chosen)

    def action_pin(self) -> None:
        """Expect of every record that is listed what is now."""
        self.asking.do(self._pin())

    async def _pin(self) -> None:
        view, compared = self._panel.view, self._panel.compared
        rows = [int(row) for row in view.rows[-MOST_PINNED:]]
        if compared is not None and compared.trials:
            assert compared.cases is not None
            trials = [compared.trials[row - compared.results.first_row] for row in rows]
            self.asking.tell(await asyncio.to_thread(accept, trials, compared.cases))
            return
        consumer = view.shown.consumer(view.consumer)
        records = [(record, row) for row in rows if (record := view.content.record(row)) is not None]
        if consumer is not None and records:
            self.asking.tell(await asyncio.to_thread(pin_several, records, consumer))


def _sides(consumer: ConsumerSnapshot, consumers: tuple[ConsumerSnapshot, ...]) -> dict[str, Side]:
    """What can be compared, by its words: builds of a consumer, newest first, and all panes."""
    builds: dict[str, Side] = {
        f"{_name(consumer)} v{entry.version}, {_origin(entry)}": (
            BuildSide(consumer=consumer.id, version=entry.version)
        )
        for entry in consumer.history
        if entry.kept and entry.version != consumer.version
    }
    panes: dict[str, Side] = {f"{_name(one)}, as it is": PaneSide(consumer=one.id) for one in consumers}
    return {**builds, **panes}


def _name(consumer: ConsumerSnapshot) -> str:
    return f"{consumer.id} {format.harmless(consumer.name)}"


def _origin(entry: HistoryEntry) -> str:
    return f"{format.time_of_day(entry.started)} {format.harmless(entry.trigger)}"
