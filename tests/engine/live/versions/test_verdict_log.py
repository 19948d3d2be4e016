import numpy as np

from engine.live.versions.verdict_log import VerdictLog
from engine.records.verdicts import Verdict


def verdicts(*values: Verdict) -> np.ndarray:
    return np.array(values, np.uint8)


def test_log_grows_and_is_trimmed() -> None:
    log = VerdictLog(0)
    for row in range(0, 50_000, 500):
        log.append(row, np.full(500, row // 500 % 3, np.uint8))
        log.trim(row - 9_000)
    assert (log.first_row, log.end_row) == (49_500 - 9_000, 50_000)
    expected = [row // 500 % 3 for row in range(log.first_row, log.end_row)]
    assert log.snapshot().tolist() == expected


def test_skipped_rows_are_pending() -> None:
    log = VerdictLog(10)
    log.append(10, verdicts(Verdict.PASS))
    log.append(13, verdicts(Verdict.DROP))
    assert log.snapshot().tolist() == [Verdict.PASS, Verdict.PENDING, Verdict.PENDING, Verdict.DROP]


def test_trimming_past_the_end() -> None:
    log = VerdictLog(0)
    log.append(0, verdicts(Verdict.PASS, Verdict.PASS))
    log.trim(100)
    assert len(log.snapshot()) == 0
    log.append(100, verdicts(Verdict.DROP))
    assert (log.snapshot().tolist()[-1], log.end_row) == (Verdict.DROP, 101)


def test_snapshot_is_a_copy() -> None:
    log = VerdictLog(0)
    log.append(0, verdicts(Verdict.PASS))
    before = log.snapshot()
    log.append(1, verdicts(Verdict.DROP))
    log.trim(1)
    assert before.tolist() == [Verdict.PASS]
