"""Each filter's verdict on a record, and why: what its code read, printed and made, and earlier builds."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import indent

from rich.cells import cell_len
from textual.content import Content

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.explanation.explanation import Explanation, Reasons
from engine.live.explanation.trace import StepTrace
from engine.records.batch import Record
from engine.records.faults import Fault, Read
from engine.records.verdicts import Verdict
from tui import format
from tui.dashboard.present.filter_colours import filter_title
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS
from tui.dashboard.widgets.parts.words import filter_name, quiet

FOUND_CELLS = 60
"""Cells of what a read found, and of an output."""
_FAULTY = {Verdict.ERROR: "$text-warning", Verdict.TRAP: "$text-error", Verdict.TIMEOUT: "$text-error"}
_SILENT = "  does not report what it reads"
_REMOTE = "  evaluated on the SPUs, which do not tell why"


def reasons(
    consumers: Sequence[ConsumerSnapshot], explanation: Explanation | None, row: int, record: Record | None
) -> Content:
    """A paragraph for each filter; the reasons are there once they are found."""
    if explanation is not None and (explanation.question.row, explanation.question.record) != (row, record):
        explanation = None
    width = max((cell_len(filter_title(consumer)) for consumer in consumers), default=0)
    lines = (
        line
        for consumer in consumers
        for line in _of_consumer(
            consumer, width, row, None if explanation is None else explanation.of(consumer.id)
        )
    )
    said = Content("\n").join(lines)
    if explanation is not None and explanation.problem:
        said += quiet(f"\nnot evaluated again: {format.harmless(explanation.problem)}")
    return said


def _of_consumer(
    consumer: ConsumerSnapshot, width: int, row: int, found: Reasons | None
) -> Iterator[Content]:
    said = consumer.verdict(row)
    unknown = said is Verdict.PENDING or consumer.remote
    cost = "" if unknown else f"  about {units.elapsed(consumer.counters.cost)}"
    version = f" v{consumer.version}" if consumer.version else ""
    yield filter_name(consumer, width) + quiet(version) + "  " + verdict_words(said) + quiet(cost)
    if consumer.remote:
        yield quiet(_REMOTE)
    if found is None:
        yield from _fault(consumer.faults.get(row))
        yield from _printed(consumer.printed.on(row))
        return
    for number, step in enumerate(found.steps):
        if len(consumer.steps) > 1:
            yield quiet(f"  step {number + 1} {consumer.steps[number].name}  ") + verdict_words(step.verdict)
        yield from _of_step(step, makes_records=consumer.outputs is not None or len(consumer.steps) > 1)
    yield from _earlier(found)


def verdict_words(verdict: Verdict) -> Content:
    """A verdict with its sign."""
    style = _FAULTY.get(verdict, "$foreground")
    return Content.styled(f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}", style)


def _of_step(step: StepTrace, *, makes_records: bool) -> Iterator[Content]:
    yield from map(_read, step.reads)
    if not step.reports_reads and not step.problem:
        yield quiet(_SILENT)
    yield from _printed(step.printed)
    yield from _fault(step.fault)
    if step.problem:
        yield Content.styled(f"  {format.harmless(step.problem)}", "$text-warning")
    if makes_records:
        for output in step.outputs:
            made = "no value" if output.value is None else format.harmless(format.decode(output.value))
            yield quiet("  ⇒ ") + format.clip(made, FOUND_CELLS)


def _read(read: Read) -> Content:
    place = "" if read.location is None else f"{read.location.line}"
    found = quiet("nothing") if read.found is None else Content(_short(read.found))
    return quiet(f"  {place:>3}  ") + f"{_short(read.what)}" + quiet(" → ") + found


def _short(text: str) -> str:
    return format.clip(format.harmless(text), FOUND_CELLS)


def _printed(lines: Sequence[str]) -> Iterator[Content]:
    for line in lines:
        yield quiet("  ▏ ") + format.harmless(line)


def _fault(fault: Fault | None) -> Iterator[Content]:
    if fault is not None:
        place = "" if fault.location is None else f"  at {format.harmless(str(fault.location))}"
        yield Content(indent(format.harmless_lines(fault.message), "  ")) + quiet(place)
        places = [f"{call.location.line}:{call.location.column}" for call in fault.stack]
        width = max(map(len, places), default=0)
        for place, call in zip(places, fault.stack, strict=True):
            yield quiet(f"    {place:>{width}}  in ") + _short(call.function)


def _earlier(found: Reasons) -> Iterator[Content]:
    """The verdicts of other kept builds, those that agree together."""
    for verdict, builds in groupby(found.earlier, lambda build: build[1].verdict):
        names = " ".join(f"v{version}" for version, _ in builds)
        yield quiet(f"  earlier {names}  ") + verdict_words(verdict)
