"""What distinguishes one kind of SmartStream from another."""

from abc import ABC, abstractmethod
from typing import ClassVar, Unpack

from engine.records.evaluation import Evaluation, Parts
from engine.records.verdicts import VerdictArray
from engine.runtime import abi


class Kind(ABC):
    """One kind of SmartStream."""

    name: ClassVar[str]
    """As the user's source names it."""
    results: ClassVar[bytes]
    """The bytes that a guest may write as the result of a record."""

    @property
    def export(self) -> str:
        return f"{abi.PREFIX}{self.name}"

    @abstractmethod
    def evaluation(self, results: VerdictArray, **parts: Unpack[Parts]) -> Evaluation:
        """Of a batch: `results` has one of these bytes, or TRAP, TIMEOUT or PENDING, per record."""
