"""Statuses and verdicts of many records.

Apart from verdicts.py, since the process that compiles a module starts twice as fast without NumPy.
"""

import numpy as np
import numpy.typing as npt

StatusArray = npt.NDArray[np.uint8]
"""One `Status` per record."""
VerdictArray = npt.NDArray[np.uint8]
"""One `Verdict` per record."""
StepArray = npt.NDArray[np.uint8]
"""One index of a chain's step per record."""
