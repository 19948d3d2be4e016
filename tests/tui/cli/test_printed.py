"""What a filter prints goes to standard error: all of it, or to a terminal up to a limit."""

import numpy as np
import pytest

from engine.consumer.delivery import Delivery
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import PrintedLine
from engine.records.verdicts import Verdict
from tui.cli.output.printed import LINES_PER_SECOND, PrintedLines


def delivery(lines: int, lost: int = 0) -> Delivery:
    outputs = tuple(PrintedLine(number % 2, f"line {number}\x1b[2J") for number in range(lines))
    verdicts = np.full(2, Verdict.PASS, np.uint8)
    evaluation = Evaluation.of_filter(verdicts, printed=outputs, evaluated=2, lost_lines=lost)
    return Delivery(Batch.consecutive(0, 40, record_batch([b"a", b"b"])), evaluation)


def test_lines_have_offsets(capsys: pytest.CaptureFixture[str]) -> None:
    printed = PrintedLines(terminal=False)
    printed.show(delivery(3))
    printed.show(delivery(2), only=1)
    printed.report_end()
    shown = capsys.readouterr().err.splitlines()
    assert shown == [f"{40 + n % 2}: line {n}\\x1b[2J" for n in (0, 1, 2, 1)]


def test_lines_beyond_the_limit_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    printed = PrintedLines(terminal=True, clock=lambda: now[0])
    printed.show(delivery(LINES_PER_SECOND - 1))
    printed.show(delivery(5, lost=2))
    now[0] = 1.5
    printed.show(delivery(7))
    printed.report_end()
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == LINES_PER_SECOND + 7 + 2
    assert shown[-2:] == [
        "fluvio-tui: 4 log lines dropped (a terminal gets 10k/s; '2> FILE' gets all)",
        "fluvio-tui: 2 log lines dropped (a record printed more than is kept of one)",
    ]


def test_file_gets_all_lines(capsys: pytest.CaptureFixture[str]) -> None:
    printed = PrintedLines(terminal=False, clock=lambda: 0.0)
    for _ in range(3):
        printed.show(delivery(LINES_PER_SECOND))
    printed.report_end()
    assert len(capsys.readouterr().err.splitlines()) == 3 * LINES_PER_SECOND
