"""The SmartStreams of a consumer that evaluate together: one, or the steps of a chain."""

from collections.abc import Mapping, Sequence

from engine.errors import TooManyFaultsError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream


class LoadedSteps:
    """Evaluates with loaded modules, and answers for all of them. They belong to the caller."""

    def __init__(self, steps: Sequence[SmartStream]) -> None:
        """At least one."""
        self.steps = tuple(steps)
        self._transform = steps[0] if len(steps) == 1 else Chain(steps, keeps_between=True)

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """As `Transform.evaluate`."""
        return self._transform.evaluate(batch, budget=budget)

    def interrupt(self) -> None:
        self._transform.interrupt()

    @property
    def kind(self) -> str:
        return " → ".join(step.kind for step in self.steps)

    @property
    def memory(self) -> int:
        return self._transform.memory

    @property
    def restarts(self) -> int:
        return sum(step.restarts for step in self.steps)

    @property
    def accumulators(self) -> Mapping[int, bytes]:
        """Of the last aggregate among the steps."""
        return next((step.accumulators for step in reversed(self.steps) if step.accumulators), {})

    @property
    def stopped(self) -> TooManyFaultsError | None:
        """As `SmartStream.stopped`, of the first step that is."""
        return next((step.stopped for step in self.steps if step.stopped is not None), None)

    def resume(self) -> None:
        for step in self.steps:
            step.resume()

    def renew(self) -> None:
        """Continue as if nothing had been evaluated."""
        for step in self.steps:
            step.renew()

    def close(self) -> None:
        for step in self.steps:
            step.close()
