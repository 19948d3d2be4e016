"""Collects the results of the calls over one batch into one evaluation."""

import numpy as np

from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, Location, PrintedLine
from engine.records.verdicts import Verdict
from engine.runtime.kinds.kind import Kind
from engine.runtime.messages import Messages

_ERROR = bytes((Verdict.ERROR,))
_PENDING = bytearray((Verdict.PENDING,))


class BatchResult:
    """The evaluation of a batch of `count` records, as far as it has come."""

    def __init__(self, kind: Kind, count: int) -> None:
        self.evaluated = 0
        """Leading records that have a result."""
        self._kind = kind
        self._results = _PENDING * count
        self._faults: list[Fault] = []
        self._printed: list[PrintedLine] = []
        self._lost_lines = 0

    def add(self, results: bytes, messages: Messages, first: int) -> None:
        """Add the next records' results; `messages` counts records from the batch's record `first`."""
        start = self.evaluated
        self.evaluated += len(results)
        self._results[start : self.evaluated] = results
        self._lost_lines += messages.lost
        self._printed += [
            PrintedLine(first + record, text)
            for record, text in messages.lines
            if first + record < self.evaluated
        ]
        at = results.find(_ERROR)
        while at >= 0:
            index = start + at
            message = messages.errors.get(index - first) or "returned an error without a text"
            self._faults.append(Fault(index, Verdict.ERROR, message))
            at = results.find(_ERROR, at + 1)

    def add_fault(self, verdict: Verdict, message: str, location: Location | None, lines: list[str]) -> None:
        """Record a trap or timeout of the next record, and the `lines` that it printed before."""
        index = self.evaluated
        self.evaluated += 1
        self._results[index] = verdict
        self._faults.append(Fault(index, verdict, message, location))
        self._printed += [PrintedLine(index, line) for line in lines]

    def evaluation(self, seconds: float) -> Evaluation:
        return self._kind.evaluation(
            np.frombuffer(self._results, np.uint8),
            evaluated=self.evaluated,
            faults=tuple(self._faults),
            printed=tuple(self._printed),
            seconds=seconds,
            lost_lines=self._lost_lines,
        )
