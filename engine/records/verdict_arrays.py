"""Statuses and verdicts of many records.

Apart from verdicts.py, since the process that compiles a module starts twice as fast without NumPy.
"""

import numpy as np
import numpy.typing as npt

from engine.records.verdicts import Verdict

StatusArray = npt.NDArray[np.uint8]
"""One `Status` per record."""
VerdictArray = npt.NDArray[np.uint8]
"""One `Verdict` per record."""
StepArray = npt.NDArray[np.uint8]
"""One index of a chain's step per record."""


def where(verdicts: VerdictArray, verdict: Verdict) -> npt.NDArray[np.bool_]:
    """Which records have a verdict.

    Not `verdicts == verdict`: for a member of an enumeration NumPy first makes numbers of eight bytes of all
    verdicts, which takes sixty times as long.
    """
    found: npt.NDArray[np.bool_] = verdicts == np.uint8(verdict)
    return found


def count(verdicts: VerdictArray, verdict: Verdict) -> int:
    """How many records have a verdict."""
    return int(np.count_nonzero(where(verdicts, verdict)))
