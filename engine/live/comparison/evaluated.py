"""Evaluates a window, or cases, with some modules, for a comparison."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from engine.consumer.module_version import ModuleVersion
from engine.errors import SmartStreamError
from engine.live.comparison.compared import Compared
from engine.live.stats.counters import NO_FAULTS
from engine.live.versions.changes import Change, Results
from engine.live.versions.fold import Fold
from engine.live.versions.loaded_steps import LoadedSteps
from engine.live.versions.output_log import KeptOutputs, OutputBlock
from engine.live.versions.running_version import RunningVersion
from engine.live.window.snapshot import Chunk, WindowSnapshot
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.records.faults import Fault
from engine.records.transform import Transform
from engine.records.verdicts import Verdict
from engine.regression.trial import Case, Outputs, Trial, try_case
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream

EVALUATION_BUDGET = 0.05
"""Seconds between looks at whether it is still wanted."""
FIRST_CASE = -(1 << 40)
"""The row of the first case: no record of the topic has such a row."""
Load = Callable[[ModuleVersion, ModuleConfig | None, Job], SmartStream]
"""Loads a module, with another configuration than its own if one is given."""
OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideResults:
    """What one side made of a window."""

    results: Results
    faults: Mapping[int, Fault] = field(default_factory=lambda: NO_FAULTS)
    fold: Fold | None = None
    problem: str = ""
    """Why it made nothing of the rest; or empty."""


def evaluate_window(
    modules: Sequence[ModuleVersion], window: WindowSnapshot, load: Load, job: Job, progress: OnProgress
) -> SideResults:
    """What the steps of a build make of the records in memory; `SupersededError` if `job` is cancelled."""
    with ExitStack() as opened:
        steps = _opened(opened, (partial(load, module, None, job) for module in modules))
        loaded = LoadedSteps(steps)
        first = window.start_row
        version = RunningVersion(max(one.version for one in modules), loaded, first, tuple(modules))
        problem = ""
        try:
            while (row := version.verdicts.end_row) < window.end_row and loaded.stopped is None:
                job.check()
                chunk = next(window.batches(row))
                evaluation = loaded.evaluate(chunk.batch, budget=EVALUATION_BUDGET)
                version.record(chunk, evaluation, skipped=0)
                progress((row - first) / (window.end_row - first))
        except SmartStreamError as error:
            problem = error.message
        if loaded.stopped is not None:
            problem = loaded.stopped.message
        results = Results.of(version.verdicts, version.outputs.snapshot())
        return SideResults(results=results, faults=version.faults, fold=version.fold, problem=problem)


def compare_cases(
    compared: Compared,
    cases: Sequence[Case],
    modules: Sequence[ModuleVersion],
    load: Load,
    job: Job,
    progress: OnProgress,
) -> Compared:
    """Which cases are not as expected; their rows begin at `FIRST_CASE`."""
    trials = _trials(cases, modules, load, job, progress)
    rows = range(len(trials))
    verdicts = np.array([trial.verdict for trial in trials], np.uint8)
    # Outputs are shown where some are expected.
    made = {row: trials[row].made for row in rows if cases[row].outputs is not None}
    wanted = {row: outputs for row in rows if (outputs := cases[row].outputs) is not None}
    return replace(
        compared,
        window=_window(cases),
        results=Results(first_row=FIRST_CASE, verdicts=verdicts, outputs=_kept(made, cases)),
        faults={row: trial.fault for row, trial in enumerate(trials, FIRST_CASE) if trial.fault is not None},
        trials=tuple(trials),
        change=_unexpected(trials, _kept(wanted, cases)),
    )


def _trials(
    cases: Sequence[Case], modules: Sequence[ModuleVersion], load: Load, job: Job, progress: OnProgress
) -> list[Trial]:
    with ExitStack() as opened:
        by_params: dict[tuple[tuple[str, str], ...], Transform] = {}
        trials = []
        for number, case in enumerate(cases):
            job.check()
            params = tuple(sorted(case.params.items()))
            if params not in by_params:
                steps = _opened(opened, _loaders(modules, case, load, job))
                by_params[params] = steps[0] if len(steps) == 1 else Chain(steps)
            trials.append(try_case(by_params[params], case))
            progress(number / len(cases))
        return trials


def _loaders(
    modules: Sequence[ModuleVersion], case: Case, load: Load, job: Job
) -> Iterator[Callable[[], SmartStream]]:
    """Load the steps, the first one with the parameters of a case if it has any."""
    for place, module in enumerate(modules):
        config = module.config
        if not place and case.params and config is not None:
            config = replace(config, params=case.params)
        yield partial(load, module, config, job)


def _opened(stack: ExitStack, loaders: Iterable[Callable[[], SmartStream]]) -> list[SmartStream]:
    """Modules that the stack closes, also if a later one cannot be loaded."""
    steps = []
    for load in loaders:
        steps.append(load())
        stack.callback(steps[-1].close)
    return steps


def _unexpected(trials: Sequence[Trial], wanted: KeptOutputs) -> Change:
    before = np.full(len(trials), Verdict.PENDING, np.uint8)
    outputs = now_pass = now_drop = 0
    for row, trial in enumerate(trials):
        expected = trial.case.expected
        if trial.as_expected or expected is None:
            continue
        before[row] = expected
        outputs += trial.verdict is expected
        now_pass += trial.verdict is Verdict.PASS is not expected
        now_drop += trial.verdict is Verdict.DROP is not expected
    return Change(
        FIRST_CASE,
        before,
        now_pass=now_pass,
        now_drop=now_drop,
        compared=len(trials),
        outputs=outputs,
        old=wanted,
    )


def _window(cases: Sequence[Case]) -> WindowSnapshot:
    chunks = tuple(
        Chunk(FIRST_CASE + row, _batch(case, [(case.record.key, case.record.value)]))
        for row, case in enumerate(cases)
    )
    return WindowSnapshot(chunks, FIRST_CASE, FIRST_CASE + len(cases))


def _kept(outputs: Mapping[int, Outputs], cases: Sequence[Case]) -> KeptOutputs:
    blocks = (
        OutputBlock(np.full(len(made), FIRST_CASE + row), _batch(cases[row], made))
        for row, made in outputs.items()
        if made
    )
    return KeptOutputs(object(), tuple(blocks))


def _batch(case: Case, made: Sequence[tuple[bytes | None, bytes | None]]) -> Batch:
    """Records at the offset of a case."""
    record = case.record
    return Batch(
        partition=record.partition,
        records=record_batch(
            [value for _, value in made],
            keys=[key for key, _ in made],
            timestamps=record.timestamp,
            headers=[record.headers] * len(made) if record.headers else None,
        ),
        offsets=np.full(len(made), record.offset),
        next_offset=record.offset + 1,
    )
