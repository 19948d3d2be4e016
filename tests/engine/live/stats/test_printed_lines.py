"""Printed lines: the newest are kept, all are counted."""

import numpy as np

from engine.live.stats.printed_lines import LINES_KEPT, NOTHING_PRINTED, Line, PrintedLog
from engine.records.evaluation import Evaluation
from engine.records.faults import PrintedLine
from engine.records.verdicts import Verdict


def evaluation(*outputs: PrintedLine, lost: int = 0) -> Evaluation:
    return Evaluation.of_filter(
        np.full(2, Verdict.PASS, np.uint8), printed=outputs, evaluated=2, lost_lines=lost
    )


def test_lines_are_kept_by_row() -> None:
    log = PrintedLog()
    log.add(10, evaluation(PrintedLine(0, "a"), PrintedLine(1, "b"), PrintedLine(1, "c")))
    printed = log.snapshot()
    assert printed.lines == (Line(10, "a"), Line(11, "b"), Line(11, "c"))
    assert printed.on(11) == ("b", "c")
    assert printed.on(12) == ()
    assert (printed.total, printed.lost) == (3, 0)


def test_evaluation_without_lines_changes_nothing() -> None:
    log = PrintedLog()
    log.add(0, evaluation())
    assert log.snapshot() is NOTHING_PRINTED


def test_newest_lines_are_kept_and_all_counted() -> None:
    log = PrintedLog()
    for row in range(0, 3 * LINES_KEPT, 2):
        log.add(row, evaluation(PrintedLine(0, f"{row}"), PrintedLine(1, f"{row + 1}"), lost=1))
    printed = log.snapshot()
    assert [line.row for line in printed.lines] == list(range(2 * LINES_KEPT, 3 * LINES_KEPT))
    assert printed.lost == 3 * LINES_KEPT // 2
    assert printed.total == 3 * LINES_KEPT + printed.lost


def test_batch_with_more_lines_than_are_kept() -> None:
    log = PrintedLog()
    log.add(0, evaluation(*(PrintedLine(1, str(number)) for number in range(LINES_KEPT + 5))))
    assert [log.snapshot().lines[0].text, log.snapshot().lines[-1].text] == ["5", str(LINES_KEPT + 4)]
    assert log.snapshot().total == LINES_KEPT + 5
