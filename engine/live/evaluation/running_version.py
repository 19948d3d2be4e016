"""One version of a SmartStream at work on a window: its verdicts, faults and counters."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from engine.live.evaluation.verdict_log import VerdictLog
from engine.live.snapshots import NO_FAULTS, Change, Counters
from engine.live.stats.latency import Costs
from engine.live.stats.printed_lines import PrintedLog
from engine.live.window.window import Chunk
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.verdicts import Verdict, VerdictArray
from engine.runtime.columns import data_size
from engine.runtime.smartstream import SmartStream

FAULTS_KEPT = 1_000
"""Faults whose text is kept, the newest ones."""


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
        counted = _count(self._counted, verdicts, skipped, evaluation.seconds)
        # An instance that was given up after a fault has no memory until the next batch.
        memory = self.stream.memory or counted.memory
        self._counted = replace(counted, bytes=counted.bytes + size, memory=memory)
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

    def change_from(self, old: VerdictLog) -> Change:
        """How this version's verdicts differ from an older one's on the rows that both evaluated."""
        first = max(old.first_row, self.verdicts.first_row)
        end = max(min(old.end_row, self.verdicts.end_row), first)
        before = old.snapshot()[first - old.first_row : end - old.first_row]
        after = self.verdicts.snapshot()[first - self.verdicts.first_row : end - self.verdicts.first_row]
        evaluated = (before != Verdict.PENDING) & (after != Verdict.PENDING)
        changed = evaluated & (before != after)
        return Change(
            first,
            np.where(changed, before, np.uint8(Verdict.PENDING)),
            now_pass=int(np.count_nonzero(changed & (after == Verdict.PASS))),
            now_drop=int(np.count_nonzero(changed & (after == Verdict.DROP))),
            compared=int(np.count_nonzero(evaluated)),
        )

    def _keep(self, faults: dict[int, Fault]) -> None:
        kept = list({**self.faults, **faults}.items())[-FAULTS_KEPT:]
        self.faults = MappingProxyType(dict(kept))
        self.last_fault = kept[-1][0]


def _count(counters: Counters, verdicts: VerdictArray, skipped: int, seconds: float) -> Counters:
    counts = np.bincount(verdicts, minlength=Verdict.TIMEOUT + 1)
    return replace(
        counters,
        passed=counters.passed + int(counts[Verdict.PASS]),
        dropped=counters.dropped + int(counts[Verdict.DROP]),
        errors=counters.errors + int(counts[Verdict.ERROR]),
        traps=counters.traps + int(counts[Verdict.TRAP]),
        timeouts=counters.timeouts + int(counts[Verdict.TIMEOUT]),
        skipped=counters.skipped + skipped,
        seconds=counters.seconds + seconds,
    )
