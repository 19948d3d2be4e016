"""The newest lines that a version has printed, and their number."""

from collections import deque
from dataclasses import dataclass

from engine.records.evaluation import Evaluation

LINES_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the row of the record that was evaluated."""

    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """The newest lines, oldest first."""

    lines: tuple[Line, ...] = ()
    total: int = 0
    """Lines printed so far, those that are dropped or lost included."""
    lost: int = 0
    """Lines beyond the limit."""

    def on(self, row: int) -> tuple[str, ...]:
        return tuple(line.text for line in self.lines if line.row == row)


NOTHING_PRINTED = Printed()


class PrintedLog:
    """Collects lines. Not locked: its consumer is."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=LINES_KEPT)
        self._printed = NOTHING_PRINTED

    def add(self, first_row: int, evaluation: Evaluation) -> None:
        """Keep what was printed for a batch whose first record is `first_row`."""
        outputs = evaluation.printed
        if not outputs and not evaluation.lost_lines:
            return
        self._lines.extend(Line(first_row + output.index, output.text) for output in outputs[-LINES_KEPT:])
        before = self._printed
        self._printed = Printed(
            tuple(self._lines),
            before.total + len(outputs) + evaluation.lost_lines,
            before.lost + evaluation.lost_lines,
        )

    def snapshot(self) -> Printed:
        """The lines so far; the same object until there are more."""
        return self._printed
