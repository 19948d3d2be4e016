"""What distinguishes one kind of SmartStream from another."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, PrintedLine
from engine.runtime import abi


class Written(NamedTuple):
    """What the guest wrote for a batch, and the faults that the host added."""

    results: npt.NDArray[np.uint8]
    """One per record: one of `Kind.results`, or the `Verdict` TRAP, TIMEOUT or PENDING."""
    evaluated: int
    """Leading records that are not PENDING."""
    faults: tuple[Fault, ...]
    printed: tuple[PrintedLine, ...]
    seconds: float
    lost_lines: int


class Kind(ABC):
    """One kind of SmartStream."""

    name: ClassVar[str]
    """As the user's source names it."""
    results: ClassVar[bytes]
    """The bytes that a guest may write as the result of a record."""

    @property
    def export(self) -> str:
        """The function that a module of this kind exports."""
        return f"{abi.PREFIX}{self.name}"

    @abstractmethod
    def evaluation(self, written: Written) -> Evaluation:
        """The evaluation of a batch."""
