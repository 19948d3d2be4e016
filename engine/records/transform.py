"""The one protocol above a module: whatever evaluates batches."""

from collections.abc import MutableMapping, Sequence
from typing import Protocol

from engine.records.batch import Batch
from engine.records.evaluation import Evaluation


class Transform(Protocol):
    """A SmartStream or a chain of them. Nothing above needs to know which."""

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """Evaluate a batch, or its first records.

        It ends early if `budget` seconds are spent, if `interrupt` is called, or if the outputs become large.
        Continue with `batch.slice(evaluation.evaluated, len(batch))`. `ContractError` if a module breaks the
        guest contract, `SmartStreamError` if it is closed.
        """

    def interrupt(self) -> None:
        """End the running `evaluate` early, or the next one; from any thread."""

    @property
    def accumulators(self) -> MutableMapping[int, bytes]:
        """Of an aggregate, after what it has evaluated; by partition, from its first record on.

        One that is set is where it continues from. Empty for other kinds.
        """

    @property
    def steps(self) -> "Sequence[Transform]":
        """The steps of a chain, each with accumulators of its own; otherwise this one."""
        return (self,)

    @property
    def folds(self) -> bool:
        """Whether it has accumulators: an aggregate, or a chain with one."""
        return False

    @property
    def memory(self) -> int:
        """Bytes of guest memory in use; 0 without an instance."""

    def close(self) -> None:
        """Release every resource. May be called again."""
