"""What keys do with the topic: add filters, read it from elsewhere, go to another one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.broker.read_range import Origin, Start
from engine.live.scrollback.log_search import Hit
from tui.config.column_names import Name
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.present.columns.choice import Choice, candidates
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.actions.source import SourceActions
from tui.dashboard.screens.dialogues.add_filter import add_filter
from tui.dashboard.screens.dialogues.change_topic import change_topic
from tui.dashboard.screens.dialogues.choose_columns import ChooseColumns
from tui.dashboard.screens.dialogues.go_to import go_to, replay
from tui.dashboard.screens.dialogues.save_layout import save_layout
from tui.dashboard.screens.scrollback_requests import ScrollbackRequests

if TYPE_CHECKING:
    from engine.live.workbench import Workbenches


@dataclass(frozen=True)
class TopicActions(Actions):
    """Actions of the target `topic`; without `workbenches` there is no other topic to go to."""

    workbenches: "Workbenches | None"
    requests: Mapping[OpenTopic, ScrollbackRequests]
    source: SourceActions
    recent: Sequence[Path]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        return action != "change" or self.workbenches is not None

    def action_add(self) -> None:
        open_now = [path for consumer in self.deck.snapshot.consumers for path in consumer.paths]
        add_filter(self.asking, self.workbench, [*open_now, *self.recent], self._edit)

    def _edit(self, path: Path, consumer: int) -> None:
        async def edit() -> None:
            self.source.open(path, consumer)

        self.source.when_saved(edit)

    def action_change(self) -> None:
        assert self.workbenches is not None, "`check_action` has seen them"
        change = partial(change_topic, self.screen, self.asking, self.workbenches, self.deck)
        self.source.when_saved(change)

    def action_save_layout(self) -> None:
        save_layout(self.screen, self.asking)

    def action_columns(self) -> None:
        columns = self.deck.columns
        choice = Choice(columns.names, candidates(columns.guess.profiles))
        widths = self.deck.current.view.drawing.column_widths
        self.screen.app.push_screen(ChooseColumns(choice, widths, self._show_columns))

    def _show_columns(self, names: Sequence[Name]) -> None:
        """Show these columns in all panes of the topic; without any, those that are guessed."""
        self.deck.columns.choose(names)
        self.deck.show()

    def action_replay(self) -> None:
        replay(self.asking, self.workbench, self.deck.follow_topic)

    def action_go_to(self) -> None:
        view, requests = self.deck.current.view, self.requests[self.deck.topic]
        go_to(self.asking, self.workbench, lambda target: requests.go(view, target))

    def go_to_time(self, time: int) -> None:
        """Go to the first record at a time, in milliseconds since the epoch, or after it."""
        self._reach(Start(Origin.TIME, time))

    def go_to_hit(self, topic: OpenTopic, hit: Hit) -> None:
        """Go to a record that a search found in the log, in the raw pane: it may be in no other."""
        if self.deck.current.consumer is not None:
            self.deck.go_to_topic(topic.name)
        self._reach(Start(Origin.ZERO, hit.offset), hit.partition)

    def action_beginning(self) -> None:
        """Go to the topic's first record, which may have to be read."""
        self._reach(Start(Origin.BEGINNING))

    def _reach(self, start: Start, partition: int | None = None) -> None:
        """Have the current pane's topic read from there, and go to its first record there."""
        view, requests, workbench = self.deck.current.view, self.requests[self.deck.topic], self.workbench

        async def reach() -> None:
            requests.go(view, await asyncio.to_thread(workbench.reach, start, partition))

        self.asking.do(reach())
