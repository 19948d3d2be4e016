"""What distinguishes one kind of SmartStream from another."""

from abc import ABC
from typing import TYPE_CHECKING, ClassVar

from engine.records.verdicts import Verdict
from engine.runtime import abi

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_PASS = int(Verdict.PASS)
"""As a plain number: NumPy converts a whole array to 64 bits to compare it with an enum."""


class Kind(ABC):
    """One kind of SmartStream: the export, the results that it writes, and what outputs belong to them."""

    name: ClassVar[str]
    """As the user's source names it."""
    results: ClassVar[bytes] = bytes((Verdict.DROP, Verdict.PASS, Verdict.ERROR))
    """The bytes that a guest may write as the result of a record."""
    makes_records: ClassVar[bool] = True
    """Whether it writes outputs; otherwise the output of a record that passes is the record."""
    several: ClassVar[bool] = False
    """Whether a record that passes may have more than one output."""

    folds: ClassVar[bool] = False
    """Whether each record's output is the accumulator for the record after it."""

    @property
    def export(self) -> str:
        return f"{abi.PREFIX}{self.name}"

    def agree(self, results: bytes, sources: "npt.NDArray[np.int32]") -> bool:
        """Whether the outputs that were written belong to the results; both count from the same record."""
        import numpy as np

        if self.several and len(sources):
            sources = sources[np.diff(sources, prepend=-1) != 0]
        if len(sources) == len(results):
            # All of them, in half the time: the sources do not descend.
            ascend = bool((sources[1:] > sources[:-1]).all())
            return ascend and results == bytes((_PASS,)) * len(results)
        return np.array_equal(np.flatnonzero(np.frombuffer(results, np.uint8) == _PASS), sources)
