"""Verdicts of many records, compared as if one by one."""

import numpy as np

from engine.records.verdict_arrays import count, where
from engine.records.verdicts import Verdict

VERDICTS = np.array([0, 1, 1, 2, 3, 255, 4, 0, 1], np.uint8)


def test_a_verdict_is_found_where_it_is() -> None:
    for verdict in Verdict:
        assert where(VERDICTS, verdict).tolist() == [one == verdict for one in VERDICTS.tolist()]


def test_verdicts_are_counted() -> None:
    assert sum(count(VERDICTS, verdict) for verdict in Verdict) == len(VERDICTS)
    assert (count(VERDICTS, Verdict.PASS), count(VERDICTS[:0], Verdict.PASS)) == (3, 0)
