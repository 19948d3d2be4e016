"""A loaded module version, and the results that it has produced on a window."""

from dataclasses import replace

import numpy as np

from engine.consumer.module_version import ModuleVersion
from engine.live.stats.counters import NO_FAULTS, NOTHING_COUNTED, Counters, newest_faults
from engine.live.stats.latency import Costs
from engine.live.stats.printed_lines import PrintedLog
from engine.live.versions.changes import Change
from engine.live.versions.fold import Fold
from engine.live.versions.loaded_steps import LoadedSteps
from engine.live.versions.output_log import OutputLog
from engine.live.versions.verdict_log import VerdictLog
from engine.live.window.snapshot import Chunk
from engine.records.evaluation import Evaluation
from engine.runtime.memory.columns import data_size


class RunningVersion:
    """The one place where an `Evaluation` becomes what is known of rows. Not locked: its owner is."""

    def __init__(
        self,
        number: int,
        module: LoadedSteps,
        first_row: int,
        made_of: tuple[ModuleVersion, ...],
        *,
        returned: bool = False,
    ) -> None:
        """`made_of` has the version of each step; `returned` means that it was live before."""
        self.number = number
        self.returned = returned
        self.module = module
        self.made_of = made_of
        self.ended = np.zeros(len(made_of) + 1, np.int64)
        """How many records each step of a chain dropped or failed on; last, how many came through."""
        self.verdicts = VerdictLog(first_row)
        self.outputs = OutputLog()
        self.between = tuple(OutputLog() for _ in made_of[1:])
        """The outputs of each step of a chain but the last."""
        self.ended_at = VerdictLog(first_row)
        """Of a chain, the step at which each row ended."""
        self.fold: Fold | None = None
        self._counted = replace(NOTHING_COUNTED, memory=module.memory)
        self._counters: Counters | None = None
        """With percentiles, once they are asked for."""
        self._costs = Costs()
        self.faults = NO_FAULTS
        self.last_fault: int | None = None
        self.printed = PrintedLog()
        self.change: Change | None = None
        """How it differs from the version before, once that is known."""
        self.stopped = ""
        """Why it evaluates no more; empty if it does."""

    @property
    def notice(self) -> str:
        restarts = self.module.restarts
        return f"restarted {restarts:,}× after crashes, its statics were reset" if restarts else ""

    @property
    def counters(self) -> Counters:
        if self._counters is None:
            self._counters = replace(
                self._counted,
                cost_p50=self._costs.percentile(0.5) or 0.0,
                cost_p99=self._costs.percentile(0.99) or 0.0,
            )
        return self._counters

    def record(self, chunk: Chunk, evaluation: Evaluation, *, skipped: int) -> None:
        """Keep what was made of the first `evaluation.evaluated` records of a chunk, after skipped ones."""
        count = evaluation.evaluated
        verdicts = evaluation.verdicts[:count]
        self.verdicts.append(chunk.first_row, verdicts)
        self.outputs.add(chunk, evaluation)
        # An evaluation that was interrupted at once has nothing between steps.
        if evaluation.between:
            self.ended += np.bincount(evaluation.ended_at[:count], minlength=len(self.ended))
            self.ended_at.append(chunk.first_row, evaluation.ended_at[:count])
            for log, outputs in zip(self.between, evaluation.between, strict=True):
                log.add(chunk, replace(evaluation, outputs=outputs))
        self._note_fold(chunk)
        self._costs.add(evaluation.seconds, count)
        size = data_size(chunk.batch.records.slice(0, count)) if count else 0
        counted = self._counted.adding(verdicts, seconds=evaluation.seconds, size=size, skipped=skipped)
        # An instance that was dropped after a fault has no memory until the next batch.
        self._counted, self._counters = replace(counted, memory=self.module.memory or counted.memory), None
        self.printed.add(chunk.first_row, evaluation)
        if evaluation.faults:
            self.faults = newest_faults(self.faults, chunk.first_row, evaluation.faults)
            self.last_fault = max(self.faults)

    def trim(self, first_row: int) -> None:
        """Forget what was made of rows before `first_row`."""
        for verdicts in (self.verdicts, self.ended_at):
            verdicts.trim(first_row)
        for outputs in (self.outputs, *self.between):
            outputs.trim(first_row)

    def _note_fold(self, chunk: Chunk) -> None:
        partition = chunk.batch.partition
        if partition in self.module.accumulators:
            fold = self.fold or Fold(row=chunk.first_row, offsets={})
            if partition not in fold.offsets:
                offsets = {**fold.offsets, partition: chunk.batch.first_offset}
                self.fold = replace(fold, offsets=offsets)
