"""Workbenches over the topics of a broker: the window, its consumers, and the records before it."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.broker.address import EMBEDDED
from engine.broker.broker import Broker
from engine.broker.log import Appended
from engine.broker.read_range import Start
from engine.broker.topics import Topic
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.builds.from_module import ModuleSource
from engine.builds.language import Target
from engine.builds.source import BuildSource
from engine.builds.source_archive import KeptBuild, SourceArchive
from engine.builds.source_text import RestoringError, Sources
from engine.consumer.look_back import look_back_in
from engine.consumer.module_version import ModuleVersion
from engine.consumer.remote_chain import StepModules
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.errors import BrokerError
from engine.folder_watcher import FolderWatch
from engine.live.comparison.comparison import Comparison
from engine.live.comparison.side import Side
from engine.live.comparison.start import start_comparison
from engine.live.consumer_numbers import ConsumerNumbers
from engine.live.evaluation.filter_consumer import FilterConsumer
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.explanation.explainer import Explainer
from engine.live.explanation.explanation import Inquiry, Question
from engine.live.names import told_apart
from engine.live.remote.remote_filter import RemoteFilter
from engine.live.row_source import RowSource
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.reader import Scrollback
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.snapshots import BrokerStatus, WorkbenchSnapshot
from engine.live.tail import Tail
from engine.live.topic_format import TopicFormat
from engine.live.window.export import save_records
from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import Matcher
from engine.live.window.window import Window
from engine.live.workbench import TopicSize, Workbench, Workbenches
from engine.process.job import Job
from engine.producer.producer import Producer
from engine.records.batch import ANY_PARTITION, Batch, Record, now_ms, record_batch
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from engine.schemas.decoders import Decoders

Kept = TypeVar("Kept")

_LOG = logging.getLogger(__name__)


class TopicWorkbench(Workbench):
    """A `Workbench` over one topic of a broker. `archive` has the sources of builds, if any."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        *,
        window: WindowLimits | None = None,
        config: ModuleConfig | None = None,
        format: str = "",
        archive: SourceArchive | None = None,
        decoders: Decoders | None = None,
        numbers: ConsumerNumbers | None = None,
    ) -> None:
        """`format` is the name of the values' format; empty to detect it. `decoders` are for some.

        `numbers` are for consumers.
        """
        found = broker.topics.get(topic)
        self._broker = broker
        self._topic = found
        self._format_name = format
        self._decoders = decoders or Decoders()
        self._undecoded = self._decoders.undecoded.of(topic)
        self._format = TopicFormat(format, self._first_value(), self._decoders)
        self._producer = Producer(broker.log, found)
        self.features = broker.features
        self._archive = archive
        self._config = config or ModuleConfig()
        self._window = Window(window)
        self._tail = Tail(broker, topic, self._window, self._tell, self._replace_topic)
        self._wake: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._consumers: dict[int, PaneConsumer] = {}
        self._numbers = numbers or ConsumerNumbers()
        self._folder_watch = FolderWatch()
        self._scrollback: Scrollback | None = None
        self._stopped: list[Scrollback] = []
        self._comparisons: list[Comparison] = []
        self._explainer = Explainer(self._inquire, self._tell)
        self._reaching = False
        """Whether rows are read for a pane that is about to be paused."""

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        if self._decoders.schemas is not None:
            self._decoders.schemas.on_change = wake
        self._tail.start()

    def snapshot(self) -> WorkbenchSnapshot:
        scrollback = self._scrollback
        window = self._window.snapshot()
        return WorkbenchSnapshot(
            topic=self._topic.name,
            window=window,
            format=self._format.of(window),
            consumers=told_apart([consumer.snapshot() for consumer in self._evaluating()]),
            records=self._tail.records,
            throughput=self._tail.throughput(),
            lost=self._tail.lost,
            damage=self._tail.damage,
            problem=self._tail.problem,
            undecoded=self._undecoded.problem or self._format.problem,
            notice=self._tail.notice,
            broker=self._broker_status(),
            replay=self._tail.replaying,
            scrollback=None if scrollback is None else scrollback.snapshot(),
            explanation=self._explainer.answer,
        )

    def _broker_status(self) -> BrokerStatus | None:
        broker = self._broker
        if broker.name == EMBEDDED and not broker.read_only:
            return None
        return BrokerStatus(name=broker.name, read_only=broker.read_only, connection=broker.connection())

    def add(self, steps: Sequence[Step], *, remote: bool = False) -> PaneConsumer:
        identity = self._numbers.take(self)
        consumer = self._made(identity, steps, remote=remote)
        with self._lock:
            self._consumers[identity] = consumer
        consumer.start()
        return consumer

    def run_on(self, consumer: int, *, remote: bool) -> None:
        before = self.consumer(consumer)
        if before is None or before.snapshot().remote == remote:
            return
        after = self._made(consumer, before.snapshot().steps, remote=remote)
        with self._lock:
            # It may have been removed meanwhile.
            replaced = self._consumers.get(consumer) is before
            if replaced:
                self._consumers[consumer] = after
        if replaced:
            after.start()
            before.close()
            self._tell_of_consumer()

    @property
    def remote(self) -> bool:
        return self._broker.remote is not None

    def _made(self, identity: int, steps: Sequence[Step], *, remote: bool) -> PaneConsumer:
        if remote:
            return RemoteFilter(
                identity,
                steps,
                self._remote_modules,
                self._broker,
                lambda: self._topic,
                self._window,
                self._tell_of_consumer,
                self._keep_sources,
            )
        return FilterConsumer(
            identity,
            steps,
            [partial(BuildLoop, self._source(step)) for step in steps],
            self._window,
            self._config,
            self._tell_of_consumer,
            self._looked_back,
            self._keep_sources,
        )

    def _remote_modules(self, step: Step) -> StepModules:
        builds = partial(BuildLoop, self._source(step, Target.FLUVIO))
        return StepModules(name=step.name, config=step.config(self._config), builds=builds)

    def _keep_sources(self, result: BuildResult) -> None:
        build = KeptBuild(
            trigger=result.trigger, started=result.started, ready=result.ready, sources=result.sources
        )
        try:
            if self._archive is not None:
                self._archive.keep(build)
        except OSError as error:
            # They are kept in memory for this session.
            _LOG.info("the sources of %s are not kept: %s", result.path, error)

    def _source(self, step: Step, target: Target = Target.FLUVIO_TUI) -> BuildSource:
        match step.source:
            case InlineFile(path=path):
                limits = self._config.limits
                return InlineSource(path, limits=limits, folder_watch=self._folder_watch, target=target)
            case ModuleFile(path=path):
                return ModuleSource(path, self._folder_watch)
            case StoredName(name=name):
                self._broker.modules.load(name)
                return StoredSource(self._broker.modules, name)

    def _looked_back(self, look_back: LookBack) -> Sequence[Batch]:
        """What a look-back asks for of the records before the window."""
        first: dict[int, int] = {}
        for chunk in self._window.snapshot().batches(self._window.first_row):
            first.setdefault(chunk.batch.partition, chunk.batch.first_offset)
        log, name, now = self._broker.log, self._topic.name, now_ms()
        ends = {p: first.get(p, held.end) for p, held in log.offsets(name).items()}
        return [look_back_in(log, name, p, before, look_back, now) for p, before in ends.items()]

    def stored(self) -> tuple[str, ...]:
        return tuple(self._broker.modules.names())

    def consumer(self, identity: int) -> PaneConsumer | None:
        with self._lock:
            return self._consumers.get(identity)

    def kept_builds(self, consumer: int) -> tuple[KeptBuild, ...]:
        found = self.consumer(consumer)
        if self._archive is None or found is None:
            return ()
        kept = (one for path in found.snapshot().paths for one in self._archive.builds(path))
        return tuple(sorted(kept, key=lambda one: one.started, reverse=True))

    def restore(self, sources: Sources) -> tuple[Path, ...]:
        if self._archive is None:
            raise RestoringError("no sources are kept here")
        return self._archive.restore(sources)

    def compare(self, old: Side, new: Side) -> Comparison:
        consumers = {one.id: one for one in self._evaluating()}
        started = start_comparison(old, new, consumers, self._window.snapshot(), self._load_again, self._tell)
        self._comparisons = [*(one for one in self._comparisons if not one.ended), started]
        return started

    def _load_again(self, module: ModuleVersion, config: ModuleConfig | None, job: Job) -> SmartStream:
        config = config or module.config or self._config
        loaded = module.load(config, job)
        if config.look_back is not None and loaded.looks_back:
            loaded.look_back(self._looked_back(config.look_back))
        return loaded

    def remove(self, consumer: int) -> None:
        with self._lock:
            found = self._consumers.pop(consumer, None)
        if found is not None:
            found.close()
            self._tell_of_consumer()

    def move(self, consumer: int, step: int) -> None:
        with self._lock:
            self._consumers = moved(self._consumers, consumer, step)

    def replay(self, start: Start) -> None:
        with self._lock:
            self._stop_scrollback()
        self._tail.replay(start)

    def _replace_topic(self, found: Topic) -> None:
        """Another topic has the name: nothing of the one before is read any more."""
        with self._lock:
            self._stop_scrollback()
            self._topic = found
        self._producer = Producer(self._broker.log, found)
        self._format = TopicFormat(self._format_name, self._first_value(), self._decoders)

    def _first_value(self) -> bytes | None:
        """The first value that the topic has, which may be the header of a table."""
        log, name = self._broker.log, self._topic.name
        try:
            start = log.offsets(name)[0].start
            batch = log.page(name, 0, start + 1, 1)
        except BrokerError:
            return None
        return batch.value(0) if len(batch) else None

    def show(self, panes: Sequence[ShownPane], matcher: Matcher | None = None) -> None:
        with self._lock:
            if panes:
                self._reaching = False
            elif not self._reaching:
                self._stop_scrollback()
            scrollback = self._scrollback
        if scrollback is None and any(pane.wants_older or pane.unevaluated for pane in panes):
            scrollback = self._open_scrollback()
        if scrollback is not None:
            scrollback.show(panes, matcher)

    def reach(self, start: Start, partition: int | None = None) -> Mapping[int, int]:
        offsets = self._tail.offsets_from(start, partition)
        with self._lock:
            # From now on no frame closes the scrollback, until one shows a paused pane.
            self._reaching = True
        self._open_scrollback().reach(offsets, self._window.first_row)
        return offsets

    def explain(self, row: int, record: Record) -> None:
        shown = ((one.id, one.module_versions()) for one in self._evaluating())
        versions = tuple((identity, max(m.version for m in made)) for identity, made in shown if made)
        self._explainer.ask(Question(row, record, versions))

    def _inquire(self, question: Question) -> list[Inquiry]:
        consumers = self._evaluating()
        asked = dict(question.versions)
        partition = question.record.partition
        return [one.inquiry(question.row, partition) for one in consumers if one.id in asked]

    def save(self, path: Path, source: RowSource) -> int:
        return save_records(path, source.records(LogPages(self._broker, self._topic).decoded))

    def _stop_scrollback(self) -> None:
        """Drop the rows before the window. Call it under the lock."""
        if self._scrollback is not None:
            # It ends by itself: a key press must not wait for what its thread is doing.
            self._scrollback.stop()
            self._stopped.append(self._scrollback)
            self._scrollback = None

    def _open_scrollback(self) -> Scrollback:
        with self._lock:
            if self._scrollback is None:
                self._stopped = [one for one in self._stopped if not one.ended]
                self._scrollback = Scrollback(
                    self._broker, self._topic, self._window, self._evaluating, self._config, self._tell
                )
            return self._scrollback

    def _evaluating(self) -> tuple[PaneConsumer, ...]:
        with self._lock:
            return tuple(self._consumers.values())

    def append(self, record: Record) -> Appended:
        records = record_batch(
            [record.value], keys=[record.key], timestamps=record.timestamp, headers=[record.headers or None]
        )
        if record.partition == ANY_PARTITION:
            return self._producer.append(records)[0]
        # Which may have been added since this topic was opened.
        return self._broker.log.append(self._topic.name, records, record.partition)

    def close(self) -> None:
        self._numbers.release(self)
        with self._lock:
            identities = tuple(self._consumers)
            self._stop_scrollback()
        self._explainer.close()
        for identity in identities:
            self.remove(identity)
        for scrollback in self._stopped:
            scrollback.close()
        for comparison in self._comparisons:
            comparison.close()
        self._tail.close()

    def _tell_of_consumer(self) -> None:
        # It may have switched to another version.
        scrollback = self._scrollback
        if scrollback is not None:
            scrollback.notify()
        self._tell()

    def _tell(self) -> None:
        self._wake()


@dataclass(frozen=True)
class BrokerWorkbenches(Workbenches):
    """The `Workbenches` of a broker, all opened with the same arguments; see `TopicWorkbench`."""

    broker: Broker
    window: WindowLimits | None = None
    config: ModuleConfig | None = None
    format_of: Callable[[str], str] = lambda _: ""
    """The name of the format of a topic's values; empty to detect it."""
    archive: SourceArchive | None = None
    decoders: Decoders | None = None
    numbers: ConsumerNumbers = field(default_factory=ConsumerNumbers)

    def topics(self) -> tuple[TopicSize, ...]:
        return tuple(TopicSize(found.topic.name, found.records) for found in self.broker.topics.describe())

    def open(self, topic: str, instead_of: Workbench | None = None) -> TopicWorkbench:
        if instead_of is not None:
            self.numbers.release(instead_of)
        return TopicWorkbench(
            self.broker,
            topic,
            window=self.window,
            config=self.config,
            format=self.format_of(topic),
            archive=self.archive,
            decoders=self.decoders,
            numbers=self.numbers,
        )


def moved(consumers: Mapping[int, Kept], consumer: int, step: int) -> dict[int, Kept]:
    """The same consumers, with one of them moved by `step` places, but not round the end."""
    order = list(consumers)
    if consumer in consumers:
        place = max(order.index(consumer) + step, 0)
        order.remove(consumer)
        order.insert(place, consumer)
    return {identity: consumers[identity] for identity in order}
