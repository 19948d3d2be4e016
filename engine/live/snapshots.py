"""What a dashboard draws: the state of a workbench at one instant, as data."""

from dataclasses import dataclass

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.stats.rates import NO_RECORDS, Throughput
from engine.live.window.snapshot import WindowSnapshot


@dataclass(frozen=True, slots=True)
class Replay:
    """How far a topic has been read again, from where a person asked for up to its end at that time."""

    read: int
    """Offsets."""
    total: int
    """Offsets."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkbenchSnapshot:
    """A topic's window and its consumers at one instant."""

    topic: str
    window: WindowSnapshot
    consumers: tuple[ConsumerSnapshot, ...] = ()
    records: int = 0
    """Records in the topic."""
    throughput: Throughput = NO_RECORDS
    lost: int = 0
    """Records that were removed from the log before this workbench read them, or that are damaged."""
    problem: str = ""
    """Why no more records come (the topic is gone, the disk failed); or empty."""
    replay: Replay | None = None
    """None where no replay is under way."""
    scrollback: ScrollbackSnapshot | None = None
    """What came before the window; None while nobody scrolls back."""

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing: no rate is falling."""
        return self.throughput.at_rest and all(one.throughput.at_rest for one in self.consumers)
