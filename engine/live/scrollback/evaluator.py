"""A filter at work on what came before a window: in an instance of its own, the newest pages first."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.consumer.module_version import ModuleVersion
from engine.errors import BrokerError, SmartStreamError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page, Part
from engine.live.stats.counters import FAULTS_KEPT
from engine.process import Job, SupersededError
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.verdicts import Verdict, VerdictArray
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream

EVALUATION_BUDGET = 0.02
"""Seconds that one filter evaluates before it is the next one's turn."""
PATIENCE = 1.0
"""Seconds for which what the version before said is shown, until the new one has evaluated everything."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What one version of a filter says of the rows before a window."""

    version: int
    first_row: int
    verdicts: VerdictArray
    """From `first_row` on; PENDING where there is none yet."""
    faults: Mapping[int, Fault]
    """The first ones to be found, which are the newest, by row; bounded."""
    done: bool
    """Whether there is nothing more to evaluate: all is, or the filter was stopped."""


class ScrollbackEvaluator:
    """Evaluates pages with one version of a filter. Belongs to one thread, but for `interrupt`.

    A filter that keeps state has it from the records of the same page, and of newer pages.
    """

    def __init__(self, version: ModuleVersion, config: ModuleConfig, before: Evaluated | None = None) -> None:
        """`before` is what the version before said."""
        self.version = version.version
        self._before = before
        self._since = time.monotonic()
        self._version = version
        self._config = config
        self._job = Job()
        self._stream: SmartStream | None = None
        self._verdicts: dict[Page, VerdictArray] = {}
        """Of the pages that are evaluated, or were begun."""
        self._begun: Page | None = None
        self._left: list[Part] = []
        """What is to evaluate of the page that was begun, the next part last."""
        self._faults: dict[int, Fault] = {}
        self._ended = False

    def step(self, pages: Sequence[Page], log: LogPages) -> bool:
        """Evaluate some records of the newest page that is not evaluated; whether there was one."""
        page = self._begun or next((page for page in reversed(pages) if page not in self._verdicts), None)
        if page is None or self._ended:
            before, self._before = self._before, None
            return before is not None
        try:
            self._evaluate(page, log)
        except BrokerError:
            # Records are lost, which who looks at them is told: those of this page stay pending.
            self._verdicts[page] = _pending(page)
        except (SmartStreamError, SupersededError):
            # It was stopped, or breaks its contract, as it will in the window.
            self._ended = True
        return True

    def forget(self, page: Page) -> None:
        """A page is not wanted any more."""
        self._verdicts.pop(page, None)

    def evaluated(self, pages: Sequence[Page]) -> Evaluated:
        """The verdicts on all pages, which follow each other."""
        before = self._before
        if before is not None and time.monotonic() - self._since < PATIENCE:
            return before
        verdicts = [self._verdicts[page] if page in self._verdicts else _pending(page) for page in pages]
        return Evaluated(
            self.version,
            pages[0].first_row if pages else 0,
            np.concatenate(verdicts) if verdicts else np.zeros(0, np.uint8),
            MappingProxyType(dict(self._faults)),
            self._ended or (self._begun is None and all(page in self._verdicts for page in pages)),
        )

    def interrupt(self) -> None:
        """End what is under way; it is closed next."""
        self._job.cancel()
        if self._stream is not None:
            self._stream.interrupt()

    def close(self) -> None:
        """Let go of the instance."""
        self._ended = True
        if self._stream is not None:
            self._stream.close()

    def _evaluate(self, page: Page, log: LogPages) -> None:
        stream = self._stream = self._stream or self._version.load(self._config, self._job)
        self._job.check()
        if self._begun is None:
            self._left = list(reversed(log.records(page).parts))
            self._begun = page
            self._verdicts[page] = _pending(page)
        part = self._left.pop()
        evaluation = stream.evaluate(part.batch, budget=EVALUATION_BUDGET)
        self._keep(page, part, evaluation)
        if evaluation.evaluated < len(part.batch):
            self._left.append(part.after(evaluation.evaluated))
        elif not self._left:
            self._begun = None

    def _keep(self, page: Page, part: Part, evaluation: Evaluation) -> None:
        rows = part.rows[: evaluation.evaluated]
        self._verdicts[page][rows - page.first_row] = evaluation.verdicts[: evaluation.evaluated]
        if len(self._faults) < FAULTS_KEPT:
            self._faults |= {int(rows[fault.index]): fault for fault in evaluation.faults[:FAULTS_KEPT]}


def _pending(page: Page) -> VerdictArray:
    return np.full(len(page), Verdict.PENDING, np.uint8)
