"""The head of a pane, worked out of a snapshot as finished words."""

from dataclasses import dataclass

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.stats.rates import GLANCE_SECONDS, Throughput
from engine.live.versions.changes import ChangeCounts
from engine.live.versions.fold import Fold
from engine.live.views import View
from tui import format
from tui.dashboard.present.filter_colours import filter_colour, filter_title
from tui.dashboard.present.panes.settings_line import params_words
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS


@dataclass(frozen=True, slots=True)
class Hold:
    """Whether a pane is paused, and what came since."""

    paused: bool = False
    new: int = 0
    more: bool = False
    """Some new records have already left the window."""
    records: int = 0
    """How many the pane can show: those in the window, and those scrolled back to."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which records of its consumer a pane shows, and how many."""

    view: View = View.PASSED
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadState:
    """A head in words. Two that are equal look the same."""

    title: str
    colour: str
    """A style variable, as is `state_colour`."""
    state: str = ""
    state_colour: str = "$foreground 60%"
    stats: tuple[str, ...] = ()
    """The most important first."""
    slowest: str = ""
    """What the slowest records cost; shown if that leaves room for the history."""
    rate_limit: str = ""
    """With how far behind it leaves the filter."""
    behind: tuple[str, ...] = ()
    """How many records wait to be evaluated, and how many never will be."""
    faults: str = ""
    history: tuple[float, ...] = ()
    legend: tuple[int, ...] = ()
    """The ids of the filters that have a column here."""
    news: tuple[str, ...] = ()
    """One message, in ever shorter forms."""
    origin: str = ""
    """What triggered the last build; shown if there is no news."""
    paused: tuple[str, ...] = ()
    """That the pane is paused, in ever shorter forms; empty while it follows."""


PASSED = Shown()


def raw_head(snapshot: WorkbenchSnapshot, hold: Hold, topic: str = "") -> HeadState:
    """The head of the raw pane, with the name of its `topic` if there are others."""
    return HeadState(
        title=f"0 {format.harmless(topic) or 'raw'}",
        colour="$foreground",
        state=_extent(snapshot, hold.records),
        stats=(units.rate(snapshot.throughput.per_second),),
        history=_history(snapshot.throughput),
        legend=tuple(consumer.id for consumer in snapshot.consumers),
        news=_reading(snapshot),
        paused=_paused(hold),
    )


def _extent(snapshot: WorkbenchSnapshot, records: int) -> str:
    """How many records the pane can show."""
    loading = snapshot.scrollback is not None and snapshot.scrollback.reading
    newest = f"newest {units.count(records)}" if records else ""
    begins = snapshot.scrollback is not None and snapshot.scrollback.begins
    if 0 < records < snapshot.records and not begins:
        at_most = "" if snapshot.exact else "≤ "
        newest += f" · {at_most}{units.count(snapshot.records - records)} older"
    return f"loading… {newest}".rstrip() if loading else newest


def _reading(snapshot: WorkbenchSnapshot) -> tuple[str, ...]:
    """The progress of a replay or the problem of a scrollback, in ever shorter forms."""
    replay, scrollback = snapshot.replay, snapshot.scrollback
    if replay is not None:
        part = units.percent(replay.read / replay.total)
        return f"read {units.count(replay.read)} of {units.count(replay.total)} · {part}", f"read {part}"
    return (format.harmless(scrollback.problem),) if scrollback is not None and scrollback.problem else ()


def filter_head(
    consumer: ConsumerSnapshot, hold: Hold, behind: int = 0, shown: Shown = PASSED, topic: str = ""
) -> HeadState:
    """The head of a filter's pane; `behind` is how many rows wait, 0 if too few to mention.

    `topic` is the name of its topic if there are others.
    """
    limit, counters = consumer.rate_limit, consumer.counters
    waiting = ((behind if limit is None else 0, "behind"), (counters.skipped, "skipped"))
    faults = ((counters.traps, "trap"), (counters.errors, "error"), (counters.timeouts, "timeout"))
    return HeadState(
        title=_title(consumer, shown.view, topic),
        colour=f"$filter-{filter_colour(consumer.id)}",
        state=_state(consumer),
        state_colour=STATE_COLOURS[consumer.state],
        stats=_stats(consumer, shown),
        slowest=f"p99 {units.elapsed(counters.cost_p99)}" if counters.cost_p99 else "",
        rate_limit="" if limit is None else _rate_limit(limit, behind),
        behind=tuple(f"{units.quantity(number)} {words}" for number, words in waiting if number),
        faults=" ".join(units.plural(number, noun) for number, noun in faults if number),
        history=_history(consumer.throughput),
        news=_news(consumer),
        origin=format.harmless(_origin(consumer)),
        paused=_paused(hold),
    )


def _title(consumer: ConsumerSnapshot, view: View, topic: str) -> str:
    kind = "" if consumer.kind in ("", "filter") else consumer.kind
    viewed = "" if view is View.PASSED else view.value
    place = "on SPUs" if consumer.remote else ""
    return " · ".join(filter(None, (filter_title(consumer), place, viewed, kind, format.harmless(topic))))


def fold_words(fold: Fold) -> str:
    """Where a fold begins."""
    if len(fold.offsets) == 1:
        return f"folds from offset {units.count(*fold.offsets.values())}"
    starts = (f"{units.count(offset)} (p{partition})" for partition, offset in sorted(fold.offsets.items()))
    return f"folds from offsets {', '.join(starts)}"


def _history(throughput: Throughput) -> tuple[float, ...]:
    """For a sparkline: silence looks the same however long it lasts."""
    return () if throughput.at_rest else throughput.history[-GLANCE_SECONDS:]


def _state(consumer: ConsumerSnapshot) -> str:
    building = _building(consumer)
    if consumer.state is ConsumerState.BUILDING:
        return f"{STATE_SIGNS[consumer.state]} {building.rstrip('…') or consumer.state.value}"
    words = [STATE_SIGNS[consumer.state], consumer.state.value]
    if consumer.version:
        words.append(f"v{consumer.version}")
    if consumer.newer > consumer.version:
        words.append(f"of {consumer.newer}")
    if building:
        words.append(building)
    elif consumer.state is ConsumerState.LIVE and consumer.reload_seconds is not None:
        words.append(units.elapsed(consumer.reload_seconds))
    return " ".join(words)


def _building(consumer: ConsumerSnapshot) -> str:
    """What the build that is under way waits for, or how long it has run."""
    if consumer.building is None:
        return ""
    seconds = int(consumer.building.seconds)
    return consumer.building.doing or (f"building {seconds:,} s" if seconds else "building…")


def _origin(consumer: ConsumerSnapshot) -> str:
    """What triggered the build that runs if you went back to it, else the newest one."""
    if consumer.newer:
        chosen = (entry for entry in consumer.history if entry.version == consumer.version)
        return next((entry.trigger for entry in chosen), "")
    return "" if consumer.build is None else consumer.build.trigger


def _stats(consumer: ConsumerSnapshot, shown: Shown) -> tuple[str, ...]:
    counters = consumer.counters
    if not counters.evaluated:
        return ()
    rate = units.rate(consumer.throughput.per_second)
    share = units.percent(counters.pass_rate) if consumer.fold is None else fold_words(consumer.fold)
    ended = [" ".join(f"−{units.count(number)}" for number in consumer.ended[:-1])]
    params = [format.harmless(" ".join(params_words(consumer.steps)))]
    # The median says more than the average, which one slow record may decide.
    cost = "" if consumer.remote else units.elapsed(counters.cost_p50 or counters.cost)
    if shown.view is not View.PASSED:
        share = f"{units.count(shown.records)} {shown.view.value}"
    return tuple(filter(None, (share, *(ended if len(consumer.steps) > 1 else []), rate, cost, *params)))


def steps_words(consumer: ConsumerSnapshot) -> str:
    """How many records each step of a chain ended; empty without a chain."""
    if len(consumer.steps) < 2 or not consumer.ended:
        return ""
    *ended, through = consumer.ended
    said = [
        f"{number} {step.name} ended {units.count(count)}"
        for number, (step, count) in enumerate(zip(consumer.steps, ended, strict=True), 1)
    ]
    return format.harmless(" · ".join([*said, f"{units.count(through)} came through"]))


def _rate_limit(per_second: float, behind: int) -> str:
    limit = f"limit {units.rate(per_second)}"
    return f"{limit} · {units.count(behind)} behind" if behind else limit


def _news(consumer: ConsumerSnapshot) -> tuple[str, ...]:
    stopped = consumer.state is ConsumerState.STOPPED
    counts = None if consumer.change is None else consumer.change.counts
    if not stopped and counts is not None and counts.changed:
        return changed_words(counts)
    notice = consumer.status.notice
    return (format.harmless(notice),) if notice else ()


def changed_words(counts: ChangeCounts) -> tuple[str, str]:
    """What a reload changed, in full and in short."""
    faults = counts.changed - counts.now_pass - counts.now_drop - counts.outputs
    counted = (
        ("~", counts.outputs, "outputs changed" if counts.outputs > 1 else "output changed"),
        ("+", counts.now_pass, "now pass"),
        ("−", counts.now_drop, "now drop"),
    )
    said = [(f"{sign}{units.count(number)}", words) for sign, number, words in counted if number]
    failing = [units.plural(faults, "fault")] if faults else []
    full = ", ".join([*(f"{number.lstrip('~')} {words}" for number, words in said), *failing])
    return full, " ".join([number for number, _ in said] or failing)


def _paused(hold: Hold) -> tuple[str, ...]:
    if not hold.paused:
        return ()
    if not hold.new:
        return ("paused",)
    new = f"{'more than ' if hold.more else '+'}{units.count(hold.new)} new"
    return f"paused {new}", new
