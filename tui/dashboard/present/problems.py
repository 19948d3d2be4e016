"""What is wrong and deserves words on the screen: chosen from a snapshot, worst first."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine import units
from engine.builds.build import BuildResult
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState, Stopped
from engine.live.snapshots import WorkbenchSnapshot
from engine.records.faults import Location
from tui.dashboard.present import format
from tui.dashboard.present.remedies import explain
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS


class Gravity(Enum):
    """How much a trouble concerns."""

    PIPELINE = "pipeline"
    """A filter or the topic does not work at all."""
    RECORD = "record"
    """Single records could not be evaluated."""
    WARNING = "warning"
    """Everything works; the compiler has something to say all the same."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong."""

    gravity: Gravity
    sign: str
    what: str
    """One line."""
    context: str
    """What it means, or how it came about; one line."""
    body: str
    """May have several lines, and colours as ANSI escape sequences."""


def troubles(snapshot: WorkbenchSnapshot, focused: int | None, rebuild: str = "r") -> tuple[Trouble, ...]:
    """What is wrong with the topic, builds, filters and records; the focused consumer comes before others.

    `rebuild` is what the key is called that builds a filter again.
    """
    consumers = sorted(snapshot.consumers, key=lambda consumer: consumer.id != focused)
    faulty = sorted(
        snapshot.consumers, key=lambda consumer: (consumer.id != focused, -_newest_fault(consumer))
    )
    found = [
        _topic_trouble(snapshot),
        *map(_build_trouble, consumers),
        *(_stop_trouble(consumer, rebuild) for consumer in consumers),
        *(_fault_trouble(snapshot, consumer) for consumer in faulty),
        *map(_warning_trouble, consumers),
    ]
    return tuple(trouble for trouble in found if trouble is not None)


def _topic_trouble(snapshot: WorkbenchSnapshot) -> Trouble | None:
    if not snapshot.problem:
        return None
    what = f"no more records of {format.harmless(snapshot.topic)}"
    return Trouble(Gravity.PIPELINE, "✗", what, "", format.harmless_lines(snapshot.problem))


def _build_trouble(consumer: ConsumerSnapshot) -> Trouble | None:
    build = consumer.build
    if build is None or build.ready:
        return None
    context = [format.harmless(build.trigger)]
    if consumer.state is ConsumerState.STALE:
        context.append(f"version {consumer.version} still runs")
    # What is stored has been built long before.
    verb = "load" if consumer.path is None else "build"
    what = f"{format.harmless(build.path.name)} does not {verb}"
    return Trouble(Gravity.PIPELINE, "✗", what, " · ".join(context), _build_words(build))


def _build_words(build: BuildResult) -> str:
    errors = [diagnostic for diagnostic in build.diagnostics if diagnostic.level.startswith("error")]
    if errors:
        return "\n".join(format.only_colours(diagnostic.rendered).rstrip() for diagnostic in errors)
    if build.error is None:
        return ""
    return format.harmless_lines(explain(build.error))


def _warning_trouble(consumer: ConsumerSnapshot) -> Trouble | None:
    build = consumer.build
    if build is None or not build.ready or not build.diagnostics:
        return None
    first = build.diagnostics[0]
    warnings = units.plural(len(build.diagnostics), "warning")
    what = f"{format.harmless(build.path.name)}: {warnings}"
    place = "" if first.location is None else f"{first.location.line}:{first.location.column} "
    context = format.harmless(f"{place}{first.message}".splitlines()[0])
    body = "\n".join(format.only_colours(one.rendered).rstrip() for one in build.diagnostics)
    return Trouble(Gravity.WARNING, "⚠", what, context, body)


def _stop_trouble(consumer: ConsumerSnapshot, rebuild: str) -> Trouble | None:
    if not isinstance(consumer.status, Stopped):
        return None
    what = f"{format.harmless(consumer.name)} was stopped"
    mend = "replace it" if consumer.path is None else "save the file"
    next_step = "go on" if consumer.status.resumable else "start it again"
    context = f"its records stay pending; {mend} or press {rebuild} to {next_step}"
    return Trouble(
        Gravity.PIPELINE, "■", what, context, format.harmless_lines(_stop_words(consumer, consumer.status))
    )


def _stop_words(consumer: ConsumerSnapshot, status: Stopped) -> str:
    fault = consumer.faults.get(_newest_fault(consumer)) if status.resumable else None
    if fault is None:
        return status.notice
    place = "" if fault.location is None else f"\nat {fault.location}"
    return f"{status.notice}, the last: {fault.message}{place}"


def _newest_fault(consumer: ConsumerSnapshot) -> int:
    return -1 if consumer.last_fault is None else consumer.last_fault


def _fault_trouble(snapshot: WorkbenchSnapshot, consumer: ConsumerSnapshot) -> Trouble | None:
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
    return Trouble(
        Gravity.RECORD, VERDICT_SIGNS[fault.verdict], what, place, format.harmless_lines(fault.message)
    )


def _place(location: Location, filter_file: Path | None) -> str:
    """A place without the folder that the filter lies in: it would push the line number off the screen."""
    path = Path(location.path)
    if filter_file is not None and path.parent == filter_file.parent:
        return f"{path.name}:{location.line}:{location.column}"
    return str(location)
