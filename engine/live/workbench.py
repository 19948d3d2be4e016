"""What a dashboard needs of the engine: a workbench over one topic, and the way to other topics."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.broker.features import Features
from engine.broker.log import Appended
from engine.broker.read_range import Start
from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import Sources
from engine.consumer.step import Step, StoredName, file_source
from engine.live.comparison.comparison import Comparison
from engine.live.comparison.side import Side
from engine.live.evaluation.live_consumer import LiveConsumer
from engine.live.log_times import LogTimes
from engine.live.row_source import RowSource
from engine.live.scrollback.log_search import LogSearch
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.matcher import Matcher
from engine.records.batch import Record


@dataclass(frozen=True, slots=True)
class TopicSize:
    """How much a topic holds now."""

    name: str
    records: int


class Workbench(ABC):
    """One topic and the consumers over it. Any thread may call; no call waits for evaluation."""

    features: Features
    """What its broker can do."""

    @abstractmethod
    def start(self, wake: Callable[[], None]) -> None:
        """Begin to read and evaluate; engine threads call `wake` when there is something new to draw."""

    @abstractmethod
    def snapshot(self) -> WorkbenchSnapshot:
        """The state now: immutable, and cheap enough for every frame."""

    @property
    @abstractmethod
    def remote(self) -> bool:
        """Whether the broker can run SmartStreams beside its log."""

    @abstractmethod
    def add(self, steps: Sequence[Step], *, remote: bool = False) -> LiveConsumer:
        """Add a consumer with a SmartStream or a chain; `UnknownSmartStreamError` if one does not exist.

        If it is `remote`, the broker runs it: see `run_on`.
        """

    @abstractmethod
    def run_on(self, consumer: int, *, remote: bool) -> None:
        """Let the broker run the SmartStreams of a consumer, or run them here again. Waits for threads.

        It begins again at the start of the window. `self.remote` must be true for the broker.
        """

    def add_file(self, path: Path) -> LiveConsumer:
        """Add a consumer with the SmartStream in a source file, or with a module."""
        return self.add((Step(source=file_source(path)),))

    def add_stored(self, name: str) -> LiveConsumer:
        """Add a consumer with a stored SmartStream, as `add` does."""
        return self.add((Step(source=StoredName(name=name)),))

    @abstractmethod
    def stored(self) -> tuple[str, ...]:
        """The names of the stored SmartStreams, sorted; `SmartStreamError` if they cannot be read."""

    @abstractmethod
    def consumer(self, identity: int) -> LiveConsumer | None:
        """The consumer with that id; None once it is removed."""

    @abstractmethod
    def kept_builds(self, consumer: int) -> tuple[KeptBuild, ...]:
        """The builds of its source files, also of earlier sessions, newest first. Reads the disk."""

    @abstractmethod
    def restore(self, sources: Sources) -> tuple[Path, ...]:
        """Write source files as they were when they were built, and return the paths of those that changed.

        What is in them now is kept as a build. `RestoringError`. Waits for the disk.
        """

    @abstractmethod
    def compare(self, old: Side, new: Side) -> Comparison:
        """Compare two sides on the current window, or on cases; `new` is no file. Stop what is returned.

        `ComparisonError` if one is gone.
        """

    @abstractmethod
    def remove(self, consumer: int) -> None:
        """Close a consumer, and end its builds."""

    @abstractmethod
    def move(self, consumer: int, step: int) -> None:
        """Move a consumer by `step` places among the others in a snapshot, but not round the end."""

    @abstractmethod
    def replay(self, start: Start) -> None:
        """Drop the window's records, and read the topic again from `start`, soon."""

    @abstractmethod
    def show(self, panes: Sequence[ShownPane], matcher: Matcher | None = None) -> None:
        """Say what the paused panes show, after each frame.

        The rows before the window that they need are read, evaluated, and searched for `matcher`. They are in
        snapshots (`WorkbenchSnapshot.scrollback`) until no pane is paused, or a replay begins.
        """

    @abstractmethod
    def reach(self, start: Start, partition: int | None = None) -> Mapping[int, int]:
        """Read the rows from `start` up to the window, soon, in one partition or in all. Pause a pane next.

        Returns the offsets that this means, by partition, as far as they hold records: the earliest record
        first. `OutOfReachError` if there are none, or they are too far back. Waits for the disk.
        """

    @abstractmethod
    def search_log(self, matcher: Matcher, wake: Callable[[], None]) -> LogSearch:
        """A search of the topic's records that are older than what a pane has loaded. Close it.

        It reads nothing until it is to continue; its thread calls `wake` on progress.
        """

    @abstractmethod
    def log_times(self, most: int, stopped: Callable[[], bool]) -> LogTimes | None:
        """Count the records of the whole log by time, in at most this many spans; `BrokerError`.

        None without records, or once it is `stopped`. Waits for the disk.
        """

    @abstractmethod
    def explain(self, row: int, record: Record) -> None:
        """Evaluate a record again, soon, by each consumer: traced, and by its earlier builds.

        Snapshots have the answer (`WorkbenchSnapshot.explanation`). Cheap if the same was asked before, with
        the same versions.
        """

    @abstractmethod
    def save(self, path: Path, source: RowSource) -> int:
        """Write the records that a pane shows to a file, one JSON object per line; return how many.

        Values that are decoded on the screen are in it as they are stored, and decoded as well.
        Replaces the file; if it raises, the file is as before. `SavingError` if it cannot be written,
        `BrokerError` if a record is lost. Waits for the disk.
        """

    @abstractmethod
    def append(self, record: Record) -> Appended:
        """Append a record, and wait until the broker has acknowledged it; errors as `Log.append`.

        It goes to its partition, or with `ANY_PARTITION` to that of its key; its offset means nothing.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop every thread and process of this workbench; the broker stays open."""


class Workbenches(ABC):
    """The way to other topics. Both methods read the disk. All consumers have different numbers."""

    @abstractmethod
    def topics(self) -> tuple[TopicSize, ...]:
        """All topics, by name."""

    @abstractmethod
    def open(self, topic: str, instead_of: Workbench | None = None) -> Workbench:
        """A workbench without consumers, not started yet; `UnknownTopicError` if there is no such topic.

        Its consumers may have the numbers of those of `instead_of`, which is about to be closed.
        """
