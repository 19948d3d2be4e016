"""What a dashboard draws: the state of a workbench at one instant, as data."""

from dataclasses import dataclass

from engine.broker.connection import Connection
from engine.fields.format import Format
from engine.fields.table import TEXT
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.explanation.explanation import Explanation
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.stats.rates import NO_RECORDS, Throughput
from engine.live.window.snapshot import WindowSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How much of a topic was read again, up to its end when the replay began. In offsets."""

    read: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatus:
    """A broker, as far as it is not the embedded one that everything may be done with."""

    name: str
    read_only: bool
    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkbenchSnapshot:
    """A topic's window and its consumers at one instant."""

    topic: str
    window: WindowSnapshot
    consumers: tuple[ConsumerSnapshot, ...] = ()
    records: int = 0
    """In the topic."""
    exact: bool = True
    """Whether there are this many `records`; otherwise at most."""
    format: Format = TEXT
    """Of the values: chosen, or detected from the newest."""
    throughput: Throughput = NO_RECORDS
    lost: int = 0
    """Records that are damaged, or were removed from the log before they were read."""
    damage: tuple[str, ...] = ()
    """The newest records that were missing or damaged when they were to be read, a clause for each batch."""
    problem: str = ""
    """Why no more records come (the topic is gone, the disk failed); or empty."""
    undecoded: str = ""
    """Why some keys or values are not decoded that should be, in a clause; or empty."""
    notice: str = ""
    """What happened to the topic, in one line; or empty."""
    broker: BrokerStatus | None = None
    """None for the embedded one, which always answers, unless it is read-only."""
    replay: Replay | None = None
    """None unless a replay is running."""
    scrollback: ScrollbackSnapshot | None = None
    """The rows before the window; None while all panes follow."""

    explanation: Explanation | None = None
    """The newest answer to `Workbench.explain`, which may be about another record."""

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing: no rate falls, and no build gets longer."""
        consumers = (one.throughput.at_rest and one.building is None for one in self.consumers)
        return self.throughput.at_rest and all(consumers)

    def consumer(self, identity: int | None) -> ConsumerSnapshot | None:
        """The consumer of that id; None if it was closed."""
        return next((one for one in self.consumers if one.id == identity), None)
