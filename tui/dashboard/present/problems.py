"""The problems that a snapshot shows, in words, worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine import units
from engine.builds.build import BuildResult
from engine.errors import StartError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState, Stopped
from engine.live.snapshots import WorkbenchSnapshot
from engine.records.faults import Location
from tui import format
from tui.dashboard.present.remedies import explain
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS


class Severity(Enum):
    """What a problem affects."""

    PIPELINE = "pipeline"
    """A filter or the topic does not work at all."""
    RECORD = "record"
    """The filter failed on single records."""
    WARNING = "warning"
    """Everything works, but the compiler warns, or some records are lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    severity: Severity
    sign: str
    what: str
    """One line, as is `context`."""
    context: str = ""
    """Its effect, or its cause."""
    body: str
    """Lines, with colours as ANSI escape sequences."""


def problems_of_all(
    snapshots: Iterable[WorkbenchSnapshot], focused: int | None, rebuild: str
) -> tuple[Problem, ...]:
    """As `problems`, of several topics, the first one's first among equals."""
    found: list[Problem] = []
    for snapshot in snapshots:
        # What is wrong with the broker, all topics say.
        found += [one for one in problems(snapshot, focused, rebuild) if one not in found]
    return tuple(sorted(found, key=lambda one: [*Severity].index(one.severity)))


def problems(snapshot: WorkbenchSnapshot, focused: int | None, rebuild: str = "r") -> tuple[Problem, ...]:
    """Those of the topic, builds, filters and records, the focused consumer's first among equals.

    `rebuild` is the name of the key that builds a filter again.
    """
    consumers = sorted(snapshot.consumers, key=lambda one: one.id != focused)
    faulty = sorted(snapshot.consumers, key=lambda one: (one.id != focused, -_newest_fault(one)))
    found = [
        _broker_problem(snapshot),
        _topic_problem(snapshot),
        *(_build_problem(consumer, rebuild) for consumer in consumers),
        *(_stop_problem(consumer, rebuild) for consumer in consumers),
        *(_fault_problem(snapshot, consumer) for consumer in faulty),
        _damage_problem(snapshot),
        _undecoded_problem(snapshot),
        *map(_warning_problem, consumers),
    ]
    return tuple(problem for problem in found if problem is not None)


def _broker_problem(snapshot: WorkbenchSnapshot) -> Problem | None:
    broker = snapshot.broker
    if broker is None or broker.connection.state == "connected":
        return None
    return Problem(
        severity=Severity.PIPELINE,
        sign="✗",
        what=f"{format.harmless(broker.name)} does not answer",
        context="reconnecting; what is here stays" if broker.connection.state == "reconnecting" else "",
        body=format.harmless_lines(broker.connection.problem),
    )


def _topic_problem(snapshot: WorkbenchSnapshot) -> Problem | None:
    if not snapshot.problem:
        return None
    what = f"no more records of {format.harmless(snapshot.topic)}"
    body = format.harmless_lines(snapshot.problem)
    return Problem(severity=Severity.PIPELINE, sign="✗", what=what, body=body)


def _damage_problem(snapshot: WorkbenchSnapshot) -> Problem | None:
    if not snapshot.damage:
        return None
    what = f"records of {format.harmless(snapshot.topic)} are missing or damaged"
    context = "fluvio-tui topic check finds them all"
    body = "\n".join(map(format.harmless_lines, snapshot.damage))
    return Problem(severity=Severity.WARNING, sign="⚠", what=what, context=context, body=body)


def _undecoded_problem(snapshot: WorkbenchSnapshot) -> Problem | None:
    if not snapshot.undecoded:
        return None
    return Problem(
        severity=Severity.WARNING,
        sign="⚠",
        what=f"some records of {format.harmless(snapshot.topic)} are not decoded",
        body=format.harmless_lines(snapshot.undecoded),
    )


def _build_problem(consumer: ConsumerSnapshot, rebuild: str) -> Problem | None:
    build = consumer.build
    if build is None or build.ready:
        return None
    context = [format.harmless(build.trigger)]
    if consumer.state is ConsumerState.STALE:
        context.append(f"v{consumer.version} keeps running")
    # A stored SmartStream was built when it was added.
    verb = "load" if consumer.path is None else "build"
    if isinstance(build.error, StartError):
        verb = "start"
    what = f"{format.harmless(build.path.name)} does not {verb}"
    return Problem(
        severity=Severity.PIPELINE,
        sign="✗",
        what=what,
        context=" · ".join(context),
        body=_build_words(build, rebuild),
    )


def _build_words(build: BuildResult, rebuild: str) -> str:
    errors = [one for one in build.diagnostics if one.level.startswith("error")]
    if errors:
        return "\n".join(format.only_colours(one.rendered).rstrip() for one in errors)
    return "" if build.error is None else format.harmless_lines(explain(build.error, rebuild))


def _warning_problem(consumer: ConsumerSnapshot) -> Problem | None:
    build = consumer.build
    if build is None or not build.ready or not build.diagnostics:
        return None
    first = build.diagnostics[0]
    warnings = units.plural(len(build.diagnostics), "warning")
    what = f"{format.harmless(build.path.name)}: {warnings}"
    place = "" if first.location is None else f"{first.location.line}:{first.location.column} "
    context = format.harmless(f"{place}{first.message}".splitlines()[0])
    body = "\n".join(format.only_colours(one.rendered).rstrip() for one in build.diagnostics)
    return Problem(severity=Severity.WARNING, sign="⚠", what=what, context=context, body=body)


def _stop_problem(consumer: ConsumerSnapshot, rebuild: str) -> Problem | None:
    if not isinstance(consumer.status, Stopped):
        return None
    fix = "replace it" if consumer.path is None else "save the file"
    next_step = "continue" if consumer.status.resumable else "restart it"
    return Problem(
        severity=Severity.PIPELINE,
        sign="■",
        what=f"{format.harmless(consumer.name)} stopped",
        context=f"waiting for a fix: {fix}, or press {rebuild} to {next_step}",
        body=format.harmless_lines(_stop_words(consumer, consumer.status)),
    )


def _stop_words(consumer: ConsumerSnapshot, status: Stopped) -> str:
    fault = consumer.faults.get(_newest_fault(consumer)) if status.resumable else None
    if fault is None:
        return status.notice
    place = "" if fault.location is None else f"\nat {fault.location}"
    return f"{status.notice}, the last: {fault.message}{place}"


def _newest_fault(consumer: ConsumerSnapshot) -> int:
    return -1 if consumer.last_fault is None else consumer.last_fault


def _fault_problem(snapshot: WorkbenchSnapshot, consumer: ConsumerSnapshot) -> Problem | None:
    fault = consumer.faults.get(_newest_fault(consumer))
    if fault is None:
        return None
    try:
        batch, index = snapshot.window.locate(_newest_fault(consumer))
        offset = f" at offset {units.count(batch.offset(index))}"
    except IndexError:
        offset = ""
    what = f"{format.harmless(consumer.name)}: {VERDICT_WORDS[fault.verdict]}{offset}"
    place = "" if fault.location is None else format.harmless(_place(fault.location, consumer.path))
    return Problem(
        severity=Severity.RECORD,
        sign=VERDICT_SIGNS[fault.verdict],
        what=what,
        context=place,
        body=format.harmless_lines(f"{fault.message}{_first_accumulator(consumer)}"),
    )


def _first_accumulator(consumer: ConsumerSnapshot) -> str:
    """What helps an aggregate that fails on each record because it starts from nothing."""
    starts_empty = consumer.kind == "aggregate" and not any(step.aggregate_initial for step in consumer.steps)
    remedy = "its first accumulator is empty: open it with --aggregate-initial TEXT"
    return f"\n{remedy}" if starts_empty and not consumer.counters.passed else ""


def _place(location: Location, filter_file: Path | None) -> str:
    """A place, without the filter's own folder, which would push the line number off the screen."""
    path = Path(location.path)
    if filter_file is not None and path.parent == filter_file.parent:
        return f"{path.name}:{location.line}:{location.column}"
    return str(location)
