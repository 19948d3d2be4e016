"""Gathers what the calls over one batch say, into one evaluation."""

import numpy as np

from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, Location, PrintedLine
from engine.records.verdicts import Verdict
from engine.runtime.messages import Messages

_ERROR = bytes((Verdict.ERROR,))


class Tally:
    """The evaluation of a batch of `count` records, as far as it has come."""

    def __init__(self, count: int) -> None:
        self.evaluated = 0
        """Leading records that have a verdict."""
        self._verdicts = bytearray((Verdict.PENDING,)) * count
        self._faults: list[Fault] = []
        self._printed: list[PrintedLine] = []
        self._lost_lines = 0

    def add(self, verdicts: bytes, messages: Messages, first: int) -> None:
        """Take the next records' verdicts; `messages` counts records from the batch's record `first`."""
        start = self.evaluated
        self.evaluated += len(verdicts)
        self._verdicts[start : self.evaluated] = verdicts
        self._lost_lines += messages.lost
        self._printed += [
            PrintedLine(first + record, text)
            for record, text in messages.lines
            if first + record < self.evaluated
        ]
        at = verdicts.find(_ERROR)
        while at >= 0:
            index = start + at
            message = messages.errors.get(index - first) or "returned an error without a text"
            self._faults.append(Fault(index, Verdict.ERROR, message))
            at = verdicts.find(_ERROR, at + 1)

    def blame(self, verdict: Verdict, message: str, location: Location | None, lines: list[str]) -> None:
        """Give the next record a fault, and what it printed before that."""
        index = self.evaluated
        self.evaluated += 1
        self._verdicts[index] = verdict
        self._faults.append(Fault(index, verdict, message, location))
        self._printed += [PrintedLine(index, line) for line in lines]

    def evaluation(self, seconds: float) -> Evaluation:
        """What has been gathered, in `seconds`."""
        return Evaluation.of_filter(
            np.frombuffer(self._verdicts, np.uint8),
            evaluated=self.evaluated,
            faults=tuple(self._faults),
            printed=tuple(self._printed),
            seconds=seconds,
            lost_lines=self._lost_lines,
        )
