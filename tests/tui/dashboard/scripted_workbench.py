"""A workbench whose every word a test decides: real windows and snapshots, no engine behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.broker.features import Features
from engine.broker.log import Appended
from engine.broker.read_range import Start
from engine.builds.build import BuildResult
from engine.builds.diagnostic import Diagnostic
from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import Sources
from engine.consumer.step import InlineFile, Step, StoredName
from engine.errors import EngineError
from engine.live.comparison.comparison import Comparison
from engine.live.comparison.side import Side
from engine.live.consumers.consumer_list import moved
from engine.live.evaluation.live_consumer import LiveConsumer
from engine.live.evaluation.snapshot import BuildProgress, ConsumerSnapshot
from engine.live.evaluation.status import Live, Status
from engine.live.explanation.explanation import Explanation, Question, Reasons
from engine.live.log_times import LogTimes
from engine.live.row_source import RowSource
from engine.live.scrollback.log_search import LogSearch
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.snapshots import Replay, WorkbenchSnapshot
from engine.live.stats.counters import Counters
from engine.live.stats.rates import Throughput
from engine.live.topic_format import TopicFormat
from engine.live.versions.changes import Change
from engine.live.versions.output_log import KeptOutputs, OutputLog
from engine.live.window.export import save_records
from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import Matcher
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.live.workbench import Workbench
from engine.records.batch import ANY_PARTITION, Batch, Headers, Record, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, Location
from engine.records.outputs import Produced
from engine.records.verdicts import Verdict

NOON = 1_772_366_400_000
"""2026-03-01 12:00 UTC, in milliseconds."""

CALM = Throughput()
LIVE = Live()
Evaluate = Callable[[bytes], Verdict]


@dataclass
class Script:
    """A consumer's part."""

    evaluate: Evaluate
    fixed: ConsumerSnapshot
    message: str = "it went wrong"
    location: Location | None = None
    cost: float = 2e-8
    before: Evaluate | None = None
    """The evaluate of the version before, where its verdicts are to be compared."""
    evaluates: int | None = None
    """How many of the window's records it has come to; None for all."""
    make: Callable[[bytes], bytes] | None = None
    """What a map makes of a value."""
    made: tuple[object, KeptOutputs | None] = (None, None)
    """What it has made of the rows of a window."""
    reloaded: tuple[object, Change | None] = (None, None)
    """What the last reload changed, and the reload: what arrives later changes nothing in that."""

    def snapshot(self, window: Window) -> ConsumerSnapshot:
        if not self.fixed.version:
            return self.fixed
        shown = window.snapshot()
        values = [shown.record(row).value for row in range(shown.first_row, shown.end_row)][: self.evaluates]
        verdicts = np.array([self.evaluate(value) for value in values], np.uint8)
        faults = {
            shown.first_row + index: Fault(index, Verdict(verdict), self.message, self.location)
            for index, verdict in enumerate(verdicts)
            if verdict in (Verdict.ERROR, Verdict.TRAP, Verdict.TIMEOUT)
        }
        counters = self._counters(verdicts, sum(map(len, values)))
        return replace(
            self.fixed,
            first_row=shown.first_row,
            verdicts=verdicts,
            counters=counters,
            history=tuple(
                replace(entry, counters=counters) if entry.version == self.fixed.version else entry
                for entry in self.fixed.history
            ),
            faults=faults,
            last_fault=max(faults, default=None),
            outputs=self._made(shown, values),
            change=self._change(values, shown.first_row, verdicts),
        )

    def _made(self, window: WindowSnapshot, values: Sequence[bytes]) -> KeptOutputs | None:
        key = (window, self.make)
        if self.made[0] != key and self.make is not None:
            (chunk,) = window.batches(window.first_row)
            outputs = Produced(
                record_batch(list(map(self.make, values)), timestamps=NOON),
                np.arange(len(values), dtype=np.int32),
            )
            log = OutputLog()
            log.add(
                chunk,
                Evaluation(status=np.ones(len(values), np.uint8), outputs=outputs, evaluated=len(values)),
            )
            self.made = (key, log.snapshot())
        return self.made[1]

    def _counters(self, verdicts: np.ndarray, octets: int) -> Counters:
        counts = {verdict: int((verdicts == verdict).sum()) for verdict in Verdict}
        return Counters(
            passed=counts[Verdict.PASS],
            dropped=counts[Verdict.DROP],
            errors=counts[Verdict.ERROR],
            traps=counts[Verdict.TRAP],
            timeouts=counts[Verdict.TIMEOUT],
            seconds=self.cost * len(verdicts),
            bytes=octets,
            cost_p50=self.cost * 0.9,
            cost_p99=self.cost * 20,
            memory=1_114_112,
        )

    def _change(self, values: Sequence[bytes], first_row: int, after: np.ndarray) -> Change | None:
        reload = (self.before, self.fixed.version)
        if self.reloaded[0] != reload:
            self.reloaded = (reload, self._compare(values, first_row, after))
        return self.reloaded[1]

    def _compare(self, values: Sequence[bytes], first_row: int, after: np.ndarray) -> Change | None:
        if self.before is None:
            return None
        before = np.array([self.before(value) for value in values], np.uint8)
        changed = before != after
        return Change(
            first_row,
            np.where(changed, before, np.uint8(Verdict.PENDING)),
            now_pass=int((changed & (after == Verdict.PASS)).sum()),
            now_drop=int((changed & (after == Verdict.DROP)).sum()),
            compared=len(values),
        )


@dataclass
class ScriptedWorkbench(Workbench):
    """Writes down what it was asked."""

    topic: str = "orders"
    features: Features = field(default_factory=Features)
    first_offset: int = 0
    first_consumer: int = 1
    limits: WindowLimits = field(default_factory=WindowLimits)
    remote: bool = False  # type: ignore[assignment]
    throughput: Throughput = CALM
    lost: int = 0
    problem: str = ""
    notice: str = ""
    refuse: EngineError | None = None
    """What is answered instead of adding a consumer or a record."""
    replaying: Replay | None = None
    names: tuple[str, ...] = ()
    """Of the stored SmartStreams."""
    kept: dict[int, tuple[KeptBuild, ...]] = field(default_factory=dict)
    """Builds of earlier sessions, by consumer."""
    asked: list[str] = field(default_factory=list)
    matcher: Matcher | None = None
    panes: tuple[ShownPane, ...] = ()
    """What paused panes showed last; no older rows are loaded."""
    snapshots: int = 0
    explains: Callable[[Record], tuple[Reasons, ...]] | None = None
    """Answers what is asked about a record."""
    explanation: Explanation | None = None

    def __post_init__(self) -> None:
        self.window = Window(self.limits)
        self.format = TopicFormat()
        self.scripts: dict[int, Script] = {}
        self.wake: Callable[[], None] = lambda: None
        self._cached: tuple[object, WorkbenchSnapshot] | None = None
        self._revision = 0

    def start(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.asked.append("start")

    @property
    def taken(self) -> WorkbenchSnapshot | None:
        """The snapshot that was taken last."""
        return self._cached and self._cached[1]

    def snapshot(self) -> WorkbenchSnapshot:
        self.snapshots += 1
        window = self.window.snapshot()
        told = (self.throughput, self.lost, self.problem, self.notice, self.replaying, self.explanation)
        key = (window, self._revision, *told)
        if self._cached is None or self._cached[0] != key:
            consumers = tuple(script.snapshot(self.window) for script in self.scripts.values())
            snapshot = WorkbenchSnapshot(
                topic=self.topic,
                window=window,
                format=self.format.of(window),
                consumers=consumers,
                records=self.first_offset + window.end_row,
                throughput=self.throughput,
                lost=self.lost,
                problem=self.problem,
                notice=self.notice,
                replay=self.replaying,
                explanation=self.explanation,
            )
            self._cached = (key, snapshot)
        return self._cached[1]

    def add(  # type: ignore[override]
        self,
        steps: Sequence[Step] | str,
        *arguments: Any,
        **options: Any,
    ) -> Any:
        """Add the consumer of some steps as the dashboard does, or one that a test describes."""
        if isinstance(steps, str):
            return self.describe(steps, *arguments, **options)
        (step,) = steps
        source = step.source
        return self.add_stored(source.name) if isinstance(source, StoredName) else self.add_file(source.path)

    def run_on(self, consumer: int, *, remote: bool) -> None:
        self.change(consumer, remote=remote)
        self.wake()

    def add_file(self, path: Path) -> "ScriptedConsumer":
        self.asked.append(f"add {path}")
        if self.refuse is not None:
            raise self.refuse
        return ScriptedConsumer(self, self.add(path.stem, lambda _: Verdict.PASS, path=path))

    def add_stored(self, name: str) -> "ScriptedConsumer":
        self.asked.append(f"add stored {name}")
        if self.refuse is not None:
            raise self.refuse
        return ScriptedConsumer(self, self.add(name, lambda _: Verdict.PASS, stored=True))

    def stored(self) -> tuple[str, ...]:
        return self.names

    def consumer(self, identity: int) -> "ScriptedConsumer | None":
        return ScriptedConsumer(self, identity) if identity in self.scripts else None

    def kept_builds(self, consumer: int) -> tuple[KeptBuild, ...]:
        return self.kept.get(consumer, ())

    def restore(self, sources: Sources) -> tuple[Path, ...]:
        self.asked.append(f"restore {[one.text for one in sources]}")
        if self.refuse is not None:
            raise self.refuse
        return tuple(one.path for one in sources)

    def compare(self, old: Side, new: Side) -> Comparison:  # noqa: ARG002 - as above
        raise AssertionError("a comparison is not scripted: use a real workbench")

    def remove(self, consumer: int) -> None:
        self.asked.append(f"remove {consumer}")
        self.scripts.pop(consumer, None)
        self._revision += 1

    def move(self, consumer: int, step: int) -> None:
        self.asked.append(f"move {consumer} {step}")
        self.scripts = moved(self.scripts, consumer, step)
        self._revision += 1

    def replay(self, start: Start) -> None:
        self.asked.append(f"replay {start.origin.value} {start.count}")
        self.window.clear({})

    def show(self, panes: Sequence[ShownPane], matcher: Matcher | None = None) -> None:
        self.panes, self.matcher = tuple(panes), matcher

    def reach(self, start: Start, partition: int | None = None) -> Mapping[int, int]:
        self.asked.append(f"reach {start.origin.value} {start.count} {partition}")
        if self.refuse is not None:
            raise self.refuse
        return {0: start.count}

    def search_log(self, matcher: Matcher, wake: Callable[[], None]) -> LogSearch:  # noqa: ARG002 - as above
        raise AssertionError("there is no log to search: use a real workbench")

    def log_times(self, most: int, stopped: Callable[[], bool]) -> LogTimes | None:  # noqa: ARG002 - as above
        raise AssertionError("there is no log to count: use a real workbench")

    def explain(self, row: int, record: Record) -> None:
        versions = tuple((identity, script.fixed.version) for identity, script in self.scripts.items())
        question = Question(row, record, versions)
        if self.explains is not None and (self.explanation is None or self.explanation.question != question):
            self.explanation = Explanation(question=question, reasons=self.explains(record), complete=True)

    def save(self, path: Path, source: RowSource) -> int:
        return save_records(path, source.records(lambda window, rows: map(window.record, rows)))

    def append(self, record: Record) -> Appended:
        to = "" if record.partition == ANY_PARTITION else f" to {record.partition}"
        self.asked.append(f"append {record.key!r} {record.value!r}{record.headers or ''}{to}")
        if self.refuse is not None:
            raise self.refuse
        self.produce(record.value, keys=[record.key])
        offset = self.first_offset + self.window.end_row - 1
        return Appended(partition=0, first=offset, last=offset)

    def close(self) -> None:
        self.asked.append("close")

    # What a test does.

    def produce(
        self,
        *values: bytes | None,
        keys: Sequence[bytes | None] | None = None,
        headers: Headers | None = None,
    ) -> None:
        base = self.first_offset + self.window.end_row
        stamps = [NOON + 37 * (base + index) for index in range(len(values))]
        several = [headers] * len(values) if headers else None
        self.window.append(
            Batch.consecutive(0, base, record_batch(values, keys=keys, timestamps=stamps, headers=several))
        )

    def describe(
        self,
        name: str,
        evaluate: Evaluate,
        *,
        path: Path | None = None,
        stored: bool = False,
        status: Status = LIVE,
        version: int = 1,
        throughput: Throughput = CALM,
        reload_seconds: float | None = None,
        build: BuildResult | None = None,
        building: BuildProgress | None = None,
        message: str = "it went wrong",
        location: Location | None = None,
        before: Evaluate | None = None,
        rate_limit: float | None = None,
        make: Callable[[bytes], bytes] | None = None,
        kind: str = "filter",
        steps: tuple[Step, ...] = (),
    ) -> int:
        identity = self.first_consumer + len(self.scripts)
        path = None if stored else path or Path(f"{name}.rs")
        source = StoredName(name=name) if path is None else InlineFile(path=path)
        fixed = ConsumerSnapshot(
            identity,
            name,
            path,
            status,
            building=building,
            version=version,
            build=build,
            reload_seconds=reload_seconds,
            throughput=throughput,
            rate_limit=rate_limit,
            kind=kind,
            steps=steps or (Step(source=source),),
        )
        self.scripts[identity] = Script(evaluate, fixed, message, location, before=before, make=make)
        self._revision += 1
        return identity

    def change(self, consumer: int, evaluate: Evaluate | None = None, **fixed: object) -> None:
        """Let a consumer go on differently."""
        script = self.scripts[consumer]
        self.scripts[consumer] = replace(
            script, evaluate=evaluate or script.evaluate, fixed=replace(script.fixed, **fixed)
        )
        self._revision += 1


@dataclass
class ScriptedConsumer(LiveConsumer):
    workbench: ScriptedWorkbench
    id: int

    def rebuild(self) -> None:
        self.workbench.asked.append(f"rebuild {self.id}")

    def use(self, version: int) -> None:
        self.workbench.asked.append(f"use {self.id} {version}")

    def set_params(self, step: int, params: Mapping[str, str]) -> None:
        self.workbench.asked.append(f"params {self.id} {step} {dict(params)}")

    def set_rate_limit(self, per_second: float | None) -> None:
        self.workbench.asked.append(f"rate limit {self.id} {per_second}")
        self.workbench.change(self.id, rate_limit=per_second)

    def seek(self, row: int | None) -> None:
        self.workbench.asked.append(f"seek {self.id} {row}")


def failed_build(name: str, *diagnostics: Diagnostic, error: EngineError | None = None) -> BuildResult:
    """A build of `name`.rs that ended badly after it was saved."""
    path = Path(f"{name}.rs")
    return BuildResult(
        version=3,
        path=path,
        trigger=f"{name}.rs saved",
        started=NOON / 1000,
        saved=NOON / 1000,
        seconds=0.15,
        wasm=None,
        diagnostics=diagnostics,
        error=error,
    )
