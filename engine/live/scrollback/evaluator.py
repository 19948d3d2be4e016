"""Evaluates the rows before a window in an instance of its own, the newest pages first."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from engine.consumer.module_version import ModuleVersion
from engine.errors import BrokerError, SmartStreamError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page, Part
from engine.live.scrollback.snapshot import Evaluated
from engine.live.stats.counters import FAULTS_KEPT
from engine.live.versions.loaded_steps import LoadedSteps
from engine.live.versions.output_log import LARGEST_LOG, OutputBlock, OutputPage, block_of
from engine.process.job import Job, SupersededError
from engine.records.faults import Fault
from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig

EVALUATION_BUDGET = 0.02
"""Seconds until it is the next consumer's turn."""
PATIENCE = 1.0
"""Seconds for which verdicts of the previous version are shown while the new one has not evaluated all."""


class ScrollbackEvaluator:
    """Evaluates pages with one version. Belongs to one thread, except `interrupt`.

    State that the SmartStream keeps comes from records of the same page and of newer pages.
    """

    def __init__(
        self, modules: tuple[ModuleVersion, ...], config: ModuleConfig, before: Evaluated | None = None
    ) -> None:
        """`modules` are the versions of each step; `config` is for those that have none of their own."""
        self.modules = modules
        self.version = max(module.version for module in modules)
        self._before = before
        self._since = time.monotonic()
        self._config = config
        self._job = Job()
        self._stream: LoadedSteps | None = None
        self._verdicts: dict[Page, VerdictArray] = {}
        """Of the pages that are evaluated or begun."""
        self._outputs: dict[Page, tuple[OutputBlock, ...]] = {}
        self._output_bytes = 0
        self._begun: Page | None = None
        self._left: list[Part] = []
        """The parts of the page begun that are not evaluated, the next one last."""
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
            # Records are lost, as panes say that show them: those of this page stay pending.
            self._verdicts[page] = _pending(page)
        except (SmartStreamError, SupersededError):
            # It was stopped, or breaks its contract, as it does in the window.
            self._ended = True
        return True

    def forget(self, page: Page) -> None:
        self._verdicts.pop(page, None)
        self._output_bytes -= sum(map(_size, self._outputs.pop(page, ())))

    def evaluated(self, pages: Sequence[Page]) -> Evaluated:
        """The verdicts on all pages, which follow each other."""
        before = self._before
        if before is not None and time.monotonic() - self._since < PATIENCE:
            # Not done as the version before was: its successor has yet to evaluate.
            return replace(before, done=self.is_done(pages))
        verdicts = [self._verdicts[page] if page in self._verdicts else _pending(page) for page in pages]
        return Evaluated(
            version=self.version,
            first_row=pages[0].first_row if pages else 0,
            verdicts=np.concatenate(verdicts) if verdicts else np.zeros(0, np.uint8),
            faults=MappingProxyType(dict(self._faults)),
            outputs=tuple(
                OutputPage(page.first_row, self._outputs[page]) for page in pages if page in self._outputs
            ),
            done=self.is_done(pages),
        )

    @property
    def begun_pages(self) -> int:
        """How many pages are evaluated or begun."""
        return len(self._verdicts)

    def is_done(self, pages: Sequence[Page]) -> bool:
        """Whether nothing is left to evaluate, or it stopped."""
        return self._ended or (self._begun is None and all(page in self._verdicts for page in pages))

    def interrupt(self) -> None:
        """End the evaluation that is running; close it next."""
        self._job.cancel()
        if self._stream is not None:
            self._stream.interrupt()

    def close(self) -> None:
        self._ended = True
        if self._stream is not None:
            self._stream.close()

    def _evaluate(self, page: Page, log: LogPages) -> None:
        stream = self._stream = self._stream or self._load()
        self._job.check()
        if self._begun is None:
            self._left = list(reversed(log.records(page).parts))
            self._verdicts[page] = _pending(page)
            if not self._left:
                return
            self._begun = page
        part = self._left.pop()
        evaluation = stream.evaluate(part.batch, budget=EVALUATION_BUDGET)
        if stream.accumulators:
            # A fold begins in the window: these rows are no part of it.
            self._begun, self._ended = None, True
            return
        done = evaluation.evaluated
        rows = part.rows[:done]
        self._keep(page, block_of(evaluation, part.batch, part.rows))
        self._verdicts[page][rows - page.first_row] = evaluation.verdicts[:done]
        if len(self._faults) < FAULTS_KEPT:
            self._faults |= {int(rows[fault.index]): fault for fault in evaluation.faults[:FAULTS_KEPT]}
        if done < len(part.batch):
            self._left.append(Part(part.batch.slice(done, len(part.batch)), part.rows[done:]))
        elif not self._left:
            self._begun = None

    def _load(self) -> LoadedSteps:
        with ExitStack() as loaded:
            steps = []
            for module in self.modules:
                steps.append(module.load(module.config or self._config, self._job))
                loaded.callback(steps[-1].close)
            loaded.pop_all()
        return LoadedSteps(steps)

    def _keep(self, page: Page, block: OutputBlock | None) -> None:
        """Keep outputs, as far as there is room: pages far back are left out."""
        if block is not None and self._output_bytes < LARGEST_LOG:
            self._output_bytes += _size(block)
            self._outputs[page] = (*self._outputs.get(page, ()), block)


def _size(block: OutputBlock) -> int:
    return block.batch.records.nbytes


def _pending(page: Page) -> VerdictArray:
    return np.full(len(page), Verdict.PENDING, np.uint8)
