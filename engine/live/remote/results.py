"""What happened to the rows of a window, whichever version evaluated each."""

import time
from dataclasses import replace

import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.stats.counters import NO_FAULTS, NOTHING_COUNTED, newest_faults
from engine.live.stats.rates import RateMeter
from engine.live.versions.fold import Fold
from engine.live.versions.output_log import OutputLog
from engine.live.versions.verdict_log import VerdictLog
from engine.live.window.snapshot import Chunk
from engine.records.evaluation import Evaluation
from engine.records.verdict_arrays import where
from engine.records.verdicts import Verdict
from engine.runtime.memory.columns import data_size


class RowResults:
    """Grows at its end and is trimmed at its start. Not locked: its owner is."""

    def __init__(self, first_row: int, live_row: int) -> None:
        """Rows from `live_row` on come later, and count for the rates."""
        self._live_row = live_row
        self._verdicts = VerdictLog(first_row)
        self._outputs = OutputLog()
        self._counters = NOTHING_COUNTED
        self._faults = NO_FAULTS
        self._fold: Fold | None = None
        self._passed, self._evaluated = RateMeter(), RateMeter()

    @property
    def end_row(self) -> int:
        return self._verdicts.end_row

    def record(self, chunk: Chunk, evaluation: Evaluation, *, skipped: int, first_row: int) -> None:
        """Keep what was made of a chunk, after skipped records; nothing of rows before `first_row`."""
        count = evaluation.evaluated
        verdicts = evaluation.verdicts[:count]
        self._verdicts.append(chunk.first_row, verdicts)
        self._outputs.add(chunk, evaluation)
        size = data_size(chunk.batch.records.slice(0, count)) if count else 0
        self._counters = self._counters.adding(verdicts, seconds=0.0, size=size, skipped=skipped)
        self._faults = newest_faults(self._faults, chunk.first_row, evaluation.faults)
        new = verdicts[max(self._live_row - chunk.first_row, 0) :]
        now = time.monotonic()
        self._passed.add(int(np.count_nonzero(where(new, Verdict.PASS))), now)
        self._evaluated.add(len(new), now)
        self._verdicts.trim(first_row)
        self._outputs.trim(first_row)

    def note_fold(self, chunk: Chunk) -> None:
        """An aggregate evaluates the records of a chunk."""
        partition, fold = chunk.batch.partition, self._fold or Fold(row=chunk.first_row, offsets={})
        if partition not in fold.offsets:
            offsets = {**fold.offsets, partition: chunk.batch.first_offset}
            self._fold = replace(fold, offsets=offsets)

    def on(self, snapshot: ConsumerSnapshot) -> ConsumerSnapshot:
        """A snapshot with all of this."""
        now = time.monotonic()
        return replace(
            snapshot,
            first_row=self._verdicts.first_row,
            verdicts=self._verdicts.snapshot(),
            outputs=self._outputs.snapshot(),
            fold=self._fold,
            counters=self._counters,
            throughput=self._passed.throughput(now),
            evaluated=self._evaluated.throughput(now),
            faults=self._faults,
            last_fault=max(self._faults, default=None),
        )
