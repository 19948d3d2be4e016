"""One version of a SmartStream at work on a window: its verdicts, faults and counters."""

from dataclasses import replace
from types import MappingProxyType

from engine.live.evaluation.difference import Change
from engine.live.evaluation.verdict_log import VerdictLog
from engine.live.stats.counters import FAULTS_KEPT, NO_FAULTS, Counters
from engine.live.stats.latency import Costs
from engine.live.stats.printed_lines import PrintedLog
from engine.live.window.snapshot import Chunk
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.runtime.columns import data_size
from engine.runtime.smartstream import SmartStream


class RunningVersion:
    """A loaded SmartStream and what it has said so far. Not locked: its consumer is."""

    def __init__(self, number: int, stream: SmartStream, first_row: int) -> None:
        self.number = number
        self.stream = stream
        self.verdicts = VerdictLog(first_row)
        self._counted = Counters(memory=stream.memory)
        self._costs = Costs()
        self.faults = NO_FAULTS
        self.last_fault: int | None = None
        self.printed = PrintedLog()
        self.change: Change | None = None
        """How it differs from the one whose place it took, once that is known."""
        self.stopped = ""
        """Why it evaluates no more, where it was stopped."""

    def record(self, chunk: Chunk, evaluation: Evaluation) -> None:
        """Keep what was said of the first `evaluation.evaluated` records of a chunk."""
        verdicts = evaluation.verdicts[: evaluation.evaluated]
        skipped = chunk.first_row - self.verdicts.end_row
        self.verdicts.append(chunk.first_row, verdicts)
        self._costs.add(evaluation.seconds, evaluation.evaluated)
        size = data_size(chunk.batch.records.slice(0, evaluation.evaluated)) if evaluation.evaluated else 0
        counted = self._counted.adding(verdicts, seconds=evaluation.seconds, size=size, skipped=skipped)
        # An instance that was given up after a fault has no memory until the next batch.
        self._counted = replace(counted, memory=self.stream.memory or counted.memory)
        self.printed.add(chunk.first_row, evaluation)
        if evaluation.faults:
            self._keep({chunk.first_row + fault.index: fault for fault in evaluation.faults})

    @property
    def counters(self) -> Counters:
        """What it has evaluated so far, and what that took."""
        return replace(
            self._counted,
            cost_p50=self._costs.percentile(0.5) or 0.0,
            cost_p99=self._costs.percentile(0.99) or 0.0,
        )

    def _keep(self, faults: dict[int, Fault]) -> None:
        kept = list({**self.faults, **faults}.items())[-FAULTS_KEPT:]
        self.faults = MappingProxyType(dict(kept))
        self.last_fault = kept[-1][0]
