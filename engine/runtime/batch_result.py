"""Collects the results of the calls over one batch into one evaluation."""

from collections.abc import Callable, Sequence

import numpy as np

from engine import units
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, Faults, Location, PrintedLine
from engine.records.verdicts import Verdict
from engine.runtime.call_result import Abort, CallResult
from engine.runtime.kinds.kind import Kind
from engine.runtime.limits import Limits
from engine.runtime.memory.messages import Messages
from engine.runtime.memory.output_area import OutputColumns
from engine.runtime.memory.output_records import produced
from engine.runtime.trap_messages import with_limit
from engine.runtime.watchdog import EndReason

_ERROR = bytes((Verdict.ERROR,))
_PENDING = bytearray((Verdict.PENDING,))


class BatchResult:
    """The evaluation of a batch, as far as it has come."""

    def __init__(self, kind: Kind, batch: Batch) -> None:
        self.evaluated = 0
        """Leading records that have a result."""
        self.output_bytes = 0
        """Bytes of the outputs so far."""
        self._kind = kind
        self._batch = batch
        self._results = _PENDING * len(batch)
        self._outputs: list[OutputColumns] = []
        self._faults: list[tuple[int, Callable[[], Sequence[Fault]]]] = []
        self._printed: list[PrintedLine] = []
        self._held: list[PrintedLine] = []
        """Of a record that was evaluated, but whose outputs did not fit: it may not print them again."""
        self._lost_lines = 0

    def add(self, done: CallResult, first: int) -> None:
        """Add the next records' results; a call counts records from the batch's record `first`."""
        results, messages = done.results, done.messages
        start = self.evaluated
        self.evaluated += len(results)
        self._results[start : self.evaluated] = results
        self._lost_lines += messages.lost
        if done.outputs:
            self._outputs.append(done.outputs.shifted(first))
            self.output_bytes += done.outputs.size
        lines = [PrintedLine(first + record, text) for record, text in messages.lines]
        if self._held and all(line.index != self._held[0].index for line in lines):
            lines = self._held + lines
        self._printed += [line for line in lines if line.index < self.evaluated]
        self._held = [] if done.abort else [line for line in lines if line.index == self.evaluated]
        # Most have none, which is found in a tenth of the time that counting takes.
        if _ERROR in results:
            count = results.count(_ERROR)
            self._faults.append((count, lambda: _errors(results, messages, start, first)))

    def add_error(self, message: str) -> None:
        """Record an error of the next record that the host found."""
        self.add_fault(Verdict.ERROR, message, None, [line.text for line in self._held])

    def add_fault(self, verdict: Verdict, message: str, location: Location | None, lines: list[str]) -> None:
        """Record a fault of the next record, and the `lines` that it printed before."""
        index = self.evaluated
        self.evaluated += 1
        self._held = []
        self._results[index] = verdict
        fault = Fault(index, verdict, message, location)
        self._faults.append((1, lambda: (fault,)))
        self._printed += [PrintedLine(index, line) for line in lines]

    def add_abort(self, done: CallResult, abort: Abort, limits: Limits) -> None:
        """Record the fault of the next record, which a call had reached when it ended early."""
        record, messages = done.reached, done.messages
        if abort.reason is EndReason.RECORD_TIMEOUT:
            verdict = Verdict.TIMEOUT
            message = f"took longer than {units.duration(limits.record_seconds)}"
        else:
            verdict = Verdict.TRAP
            message = with_limit(messages.panics.get(record) or abort.text, limits.memory_bytes)
        lines = [text for index, text in messages.lines if index == record]
        self.add_fault(verdict, message, messages.places.get(record), lines)

    def evaluation(self, seconds: float) -> Evaluation:
        results = np.frombuffer(self._results, np.uint8)
        made = produced(self._outputs, self._batch.records) if self._kind.makes_records else None
        return Evaluation.of_results(
            results,
            made,
            evaluated=self.evaluated,
            faults=Faults(self._faults),
            printed=tuple(self._printed),
            seconds=seconds,
            lost_lines=self._lost_lines,
        )


def _errors(results: bytes, messages: Messages, start: int, first: int) -> list[Fault]:
    """The errors of a call whose results begin at the batch's record `start`."""
    found, at = [], results.find(_ERROR)
    while at >= 0:
        index = start + at
        found.append(_error(index, index - first, messages))
        at = results.find(_ERROR, at + 1)
    return found


def _error(index: int, record: int, messages: Messages) -> Fault:
    """The error of the batch's record `index`, which is `record` to the call."""
    return Fault(
        index,
        Verdict.ERROR,
        messages.errors.get(record) or "returned an error without a text",
        messages.places.get(record),
        stack=messages.stacks.get(record, ()),
    )
