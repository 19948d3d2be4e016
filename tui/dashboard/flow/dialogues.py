"""What a dashboard asks a person for, one method a dialogue."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.screen import Screen

from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow import editor
from tui.dashboard.flow.asking import Asking
from tui.dashboard.screens.add_filter import add_filter
from tui.dashboard.screens.change_topic import change_topic
from tui.dashboard.screens.consumer_settings import ask_pace
from tui.dashboard.screens.go_to import go_to
from tui.dashboard.screens.produce_record import draft_of, produce_record
from tui.dashboard.screens.replay import replay
from tui.dashboard.screens.save_records import save
from tui.dashboard.widgets.panes.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.live.workbench import Workbench, Workbenches


class Dialogues:
    """The dialogues over one dashboard."""

    def __init__(
        self,
        screen: Screen[None],
        workbench: "Workbench",
        workbenches: "Workbenches | None",
        done: "Callable[[], object]",
    ) -> None:
        """`done` is called when an answer has been dealt with."""
        self._screen = screen
        self._workbench = workbench
        self._workbenches = workbenches
        self._asking = Asking(screen, done)

    @property
    def knows_topics(self) -> bool:
        """Whether there is a way to other topics."""
        return self._workbenches is not None

    def add(self) -> None:
        """Ask for a filter, and open a pane for it."""
        try:
            add_filter(self._asking, self._workbench)
        except EngineError as error:
            self._asking.explain(error)

    def edit(self, path: Path) -> None:
        """Open a file in the person's editor."""
        try:
            with self._screen.app.suspend():
                editor.edit(path)
        except EngineError as error:
            self._asking.explain(error)
        except SuspendNotSupported:
            self._asking.warn("an editor cannot be opened from this terminal")

    def produce(self, topic: str, view: RecordView) -> None:
        """Ask for a record, beginning with the one under the cursor, and append it to the topic."""
        record = None if view.cursor is None else view.record
        produce_record(self._asking, self._workbench, topic, draft_of(record))

    def change_topic(self, here: str) -> None:
        """Ask for another topic, and go there."""
        if self._workbenches is not None:
            self._asking.do(change_topic(self._screen, self._asking, self._workbenches, here))

    def replay(self, follow: "Callable[[], None]") -> None:
        """Ask from where to read the topic again; `follow` lets every pane follow."""
        replay(self._asking, self._workbench, follow)

    def go_to(self, go: "Callable[[Mapping[int, int]], None]") -> None:
        """Ask for an offset or a time, and `go` to the offsets, by partition, that it means."""
        go_to(self._asking, self._workbench, go)

    def pace(
        self, consumers: "Sequence[ConsumerSnapshot]", cursor: int | None, follow: "Callable[[int], None]"
    ) -> None:
        """Ask how fast and from where one of these, or all, are to evaluate; see `ask_pace`."""
        ask_pace(self._screen, self._asking, self._workbench, consumers, cursor, follow)

    def save(self, view: RecordView, topic: str, consumer: ConsumerSnapshot | None) -> None:
        """Ask for a file, and write the records there that a view shows."""
        save(self._asking, view, topic if consumer is None else f"{topic}-{consumer.name}")
