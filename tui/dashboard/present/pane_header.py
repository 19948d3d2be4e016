"""What a pane's head says, worked out of a snapshot as finished words."""

from dataclasses import dataclass

from engine import units
from engine.live.evaluation.difference import Difference
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.snapshots import Replay, WorkbenchSnapshot
from engine.live.stats.counters import Counters
from engine.live.stats.rates import GLANCE_SECONDS, Throughput
from tui.dashboard.present import format
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS


@dataclass(frozen=True, slots=True)
class Hold:
    """Whether a pane is paused, and what came since."""

    paused: bool = False
    new: int = 0
    more: bool = False
    """There were more new records than are still in the window."""
    records: int = 0
    """How many it can show: those in the window, or those that were scrolled back to and those after them."""


@dataclass(frozen=True, slots=True)
class HeadState:
    """A head in words. Two that are equal look the same."""

    title: str
    colour: str
    """A style variable."""
    state: str = ""
    state_colour: str = "$foreground 60%"
    stats: tuple[str, ...] = ()
    """The most important first."""
    pace: str = ""
    """What it is held back to, and how far behind that leaves it."""
    behind: tuple[str, ...] = ()
    """What the filter has not evaluated, and what it never will; the most important first."""
    faults: str = ""
    history: tuple[float, ...] = ()
    legend: tuple[int, ...] = ()
    """The ids of the filters that have a column of their own here."""
    news: tuple[str, ...] = ()
    """One thing to say, in ever shorter forms."""
    origin: str = ""
    """What set off the last build; said where there is no news."""
    paused: tuple[str, ...] = ()
    """That the pane is paused, in ever shorter forms; nothing while it follows."""


def raw_head(snapshot: WorkbenchSnapshot, hold: Hold) -> HeadState:
    """The head of the raw pane."""
    return HeadState(
        "0 raw",
        "$foreground",
        state=_extent(snapshot, hold.records),
        stats=(units.rate(snapshot.throughput.per_second),),
        history=_history(snapshot.throughput),
        legend=tuple(consumer.id for consumer in snapshot.consumers),
        news=_reading(snapshot),
        paused=_paused(hold),
    )


def _extent(snapshot: WorkbenchSnapshot, records: int) -> str:
    """How many records there are to see."""
    back = snapshot.scrollback is not None and snapshot.scrollback.reading
    said = f"last {units.count(records)}" if records else ""
    return f"reading back… {said}".rstrip() if back else said


def _reading(snapshot: WorkbenchSnapshot) -> tuple[str, ...]:
    """What is to be said of reading the topic again, in ever shorter forms."""
    if snapshot.replay is not None:
        return _progress(snapshot.replay)
    if snapshot.scrollback is not None and snapshot.scrollback.problem:
        return (format.harmless(snapshot.scrollback.problem),)
    return ()


def _progress(replay: Replay) -> tuple[str, ...]:
    """How far a replay has come, in ever shorter forms."""
    part = units.percent(replay.read / replay.total)
    return f"read {units.count(replay.read)} of {units.count(replay.total)} · {part}", f"read {part}"


def filter_head(consumer: ConsumerSnapshot, hold: Hold, behind: int = 0) -> HeadState:
    """The head of a filter's pane; `behind` is how many rows it has still to evaluate, where that matters."""
    paced = consumer.rate_limit is not None
    return HeadState(
        f"{consumer.id} {format.harmless(consumer.name)}",
        f"$filter-{filter_colour(consumer.id)}",
        state=_state(consumer),
        state_colour=STATE_COLOURS[consumer.state],
        stats=_stats(consumer),
        pace=_pace(consumer.rate_limit, behind),
        behind=_behind(0 if paced else behind, consumer.counters.skipped),
        faults=_faults(consumer.counters),
        history=_history(consumer.throughput),
        news=_news(consumer),
        origin=format.harmless(_origin(consumer)),
        paused=_paused(hold),
    )


def _history(throughput: Throughput) -> tuple[float, ...]:
    """What there is to see of it: silence looks the same however long it lasts."""
    return () if throughput.at_rest else throughput.history[-GLANCE_SECONDS:]


def _state(consumer: ConsumerSnapshot) -> str:
    words = [STATE_SIGNS[consumer.state], consumer.state.value]
    if consumer.version:
        words.append(f"g{consumer.version}")
    if consumer.newer > consumer.version:
        words.append(f"of {consumer.newer}")
    if consumer.building and consumer.state is not ConsumerState.BUILDING:
        words.append("building…")
    elif consumer.state is ConsumerState.LIVE and consumer.reload_seconds is not None:
        words.append(units.elapsed(consumer.reload_seconds))
    return " ".join(words)


def _origin(consumer: ConsumerSnapshot) -> str:
    """What set off the build that runs, where a person chose it, and else the newest one."""
    if consumer.newer:
        chosen = (entry for entry in consumer.history if entry.version == consumer.version)
        return next((entry.trigger for entry in chosen), "")
    return "" if consumer.build is None else consumer.build.trigger


def _stats(consumer: ConsumerSnapshot) -> tuple[str, ...]:
    if not consumer.counters.evaluated:
        return ()
    return (
        units.percent(consumer.counters.pass_rate),
        units.rate(consumer.throughput.per_second),
        units.elapsed(consumer.counters.cost),
    )


def _pace(pace: float | None, behind: int) -> str:
    if pace is None:
        return ""
    held_to = f"at {units.rate(pace)}" if pace else "held"
    return f"{held_to} · {units.count(behind)} behind" if behind else held_to


def _behind(rows: int, skipped: int) -> tuple[str, ...]:
    counted = ((rows, "behind"), (skipped, "passed over"))
    return tuple(f"{units.quantity(number)} {words}" for number, words in counted if number)


def _faults(counters: Counters) -> str:
    counted = ((counters.traps, "trap"), (counters.errors, "error"), (counters.timeouts, "timeout"))
    return " ".join(units.plural(number, noun) for number, noun in counted if number)


def _news(consumer: ConsumerSnapshot) -> tuple[str, ...]:
    stopped = consumer.state is ConsumerState.STOPPED
    difference = None if consumer.change is None else consumer.change.difference
    if not stopped and difference is not None and difference.changed:
        return changed_words(difference)
    if consumer.status.notice:
        return (format.harmless(consumer.status.notice),)
    return ()


def changed_words(difference: Difference) -> tuple[str, ...]:
    """What a reload changed, in ever shorter forms."""
    faults = difference.changed - difference.now_pass - difference.now_drop
    counted = (("+", difference.now_pass, "now pass"), ("−", difference.now_drop, "now drop"))
    said = [(f"{sign}{units.count(number)}", words) for sign, number, words in counted if number]
    failing = [units.plural(faults, "fault")] if faults else []
    full = ", ".join([*(f"{number} {words}" for number, words in said), *failing])
    short = " ".join([number for number, _ in said] or failing)
    return full, short


def _paused(hold: Hold) -> tuple[str, ...]:
    if not hold.paused:
        return ()
    if not hold.new:
        return ("paused",)
    new = f"{'more than ' if hold.more else '+'}{units.count(hold.new)} new"
    return f"paused {new}", new
