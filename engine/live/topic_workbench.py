"""A workbench over one topic of a broker: the window, its consumers, and the records before it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.broker.address import EMBEDDED
from engine.broker.broker import Broker
from engine.broker.log import Appended
from engine.broker.read_range import Start
from engine.broker.topics import Topic
from engine.builds.source_archive import KeptBuild, SourceArchive
from engine.builds.source_text import Sources
from engine.consumer.look_back import stored_before
from engine.consumer.module_version import ModuleVersion
from engine.consumer.step import Step
from engine.errors import BrokerError
from engine.live.comparison.comparison import Comparison
from engine.live.comparison.side import Side
from engine.live.comparison.start import start_comparison
from engine.live.consumers.consumer_list import ConsumerList
from engine.live.consumers.factory import ConsumerFactory
from engine.live.consumers.names import told_apart
from engine.live.consumers.numbers import ConsumerNumbers
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.explanation.explainer import Explainer
from engine.live.explanation.explanation import Inquiry, Question
from engine.live.kept_sources import KeptSources
from engine.live.log_times import LogTimes, count_log
from engine.live.row_source import RowSource
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.log_search import LogSearch
from engine.live.scrollback.on_demand import ScrollbackOnDemand
from engine.live.scrollback.reader import Scrollback
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.snapshots import BrokerStatus, WorkbenchSnapshot
from engine.live.stoppable import Stoppables
from engine.live.tail import Tail
from engine.live.topic_format import TopicFormat
from engine.live.window.export import save_records
from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import Matcher
from engine.live.window.window import Window
from engine.live.workbench import Workbench
from engine.process.job import Job
from engine.producer.producer import Producer
from engine.records.batch import ANY_PARTITION, Batch, Record, record_batch
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from engine.schemas.decoders import Decoders


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
        self._broker = broker
        self.features = broker.features
        self._format_name = format
        self._decoders = decoders or Decoders()
        self._undecoded = self._decoders.undecoded.of(topic)
        self._open_topic(broker.topics.get(topic))
        self._config = config or ModuleConfig()
        self._window = Window(window)
        self._tail = Tail(broker, topic, self._window, self._tell, self._replace_topic)
        self._wake: Callable[[], None] = lambda: None
        self._sources = KeptSources(archive)
        self._numbers = numbers or ConsumerNumbers()
        self._consumers = ConsumerList()
        self._factory = ConsumerFactory(
            broker=broker,
            topic=lambda: self._topic,
            window=self._window,
            config=self._config,
            stored=self._looked_back,
            keep_sources=self._sources.keep,
            wake=self._tell_of_consumer,
        )
        self._scrollback = ScrollbackOnDemand(self._open_scrollback)
        self._comparisons = Stoppables[Comparison]()
        self._explainer = Explainer(self._inquire, self._tell)

    def _open_topic(self, found: Topic) -> None:
        self._topic = found
        self._producer = Producer(self._broker.log, found)
        self._format = TopicFormat(self._format_name, self._first_value(), self._decoders)

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        if self._decoders.schemas is not None:
            self._decoders.schemas.on_change = wake
        self._tail.start()

    def snapshot(self) -> WorkbenchSnapshot:
        count = self._tail.count()
        window = self._window.snapshot()
        return WorkbenchSnapshot(
            topic=self._topic.name,
            window=window,
            format=self._format.of(window),
            consumers=told_apart([consumer.snapshot() for consumer in self._consumers.all()]),
            records=count.records,
            exact=count.exact,
            throughput=self._tail.throughput(),
            lost=self._tail.lost,
            damage=self._tail.damage,
            problem=self._tail.problem,
            undecoded=self._undecoded.problem or self._format.problem,
            notice=self._tail.notice,
            broker=self._broker_status(),
            replay=self._tail.replaying,
            scrollback=self._scrollback.snapshot(),
            explanation=self._explainer.answer,
        )

    def _broker_status(self) -> BrokerStatus | None:
        broker = self._broker
        if broker.name == EMBEDDED and not broker.read_only:
            return None
        return BrokerStatus(name=broker.name, read_only=broker.read_only, connection=broker.connection())

    def add(self, steps: Sequence[Step], *, remote: bool = False) -> PaneConsumer:
        consumer = self._factory.make(self._numbers.take(self), steps, remote=remote)
        self._consumers.add(consumer)
        consumer.start()
        return consumer

    def run_on(self, consumer: int, *, remote: bool) -> None:
        before = self._consumers.find(consumer)
        if before is None or before.snapshot().remote == remote:
            return
        after = self._factory.make(consumer, before.snapshot().steps, remote=remote)
        if self._consumers.replace(before, after):
            after.start()
            before.close()
            self._tell_of_consumer()

    @property
    def remote(self) -> bool:
        return self._broker.remote is not None

    def _looked_back(self, look_back: LookBack) -> Sequence[Batch]:
        """What a look-back asks for of the records before the window."""
        first: dict[int, int] = {}
        for chunk in self._window.snapshot().batches(self._window.first_row):
            first.setdefault(chunk.batch.partition, chunk.batch.first_offset)
        log, name = self._broker.log, self._topic.name
        ends = {p: first.get(p, held.end) for p, held in log.offsets(name).items()}
        return stored_before(log, name, ends, look_back)

    def stored(self) -> tuple[str, ...]:
        return tuple(self._broker.modules.names())

    def consumer(self, identity: int) -> PaneConsumer | None:
        return self._consumers.find(identity)

    def kept_builds(self, consumer: int) -> tuple[KeptBuild, ...]:
        found = self._consumers.find(consumer)
        return () if found is None else self._sources.builds(found.snapshot().paths)

    def restore(self, sources: Sources) -> tuple[Path, ...]:
        return self._sources.restore(sources)

    def compare(self, old: Side, new: Side) -> Comparison:
        consumers = {one.id: one for one in self._consumers.all()}
        started = start_comparison(old, new, consumers, self._window.snapshot(), self._load_again, self._tell)
        self._comparisons.add(started)
        return started

    def _load_again(self, module: ModuleVersion, config: ModuleConfig | None, job: Job) -> SmartStream:
        config = config or module.config or self._config
        loaded = module.load(config, job)
        if config.look_back is not None and loaded.looks_back:
            loaded.look_back(self._looked_back(config.look_back))
        return loaded

    def remove(self, consumer: int) -> None:
        found = self._consumers.remove(consumer)
        if found is not None:
            found.close()
            self._tell_of_consumer()

    def move(self, consumer: int, step: int) -> None:
        self._consumers.move(consumer, step)

    def replay(self, start: Start) -> None:
        self._scrollback.drop()
        self._tail.replay(start)

    def _replace_topic(self, found: Topic) -> None:
        """Another topic has the name: nothing of the one before is read any more."""
        self._open_topic(found)
        # Only now, or a scrollback that is opened meanwhile would read the one before.
        self._scrollback.drop()

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
        self._scrollback.show(panes, matcher)

    def reach(self, start: Start, partition: int | None = None) -> Mapping[int, int]:
        offsets = self._tail.offsets_from(start, partition)
        self._scrollback.reach(offsets, self._window.first_row)
        return offsets

    def search_log(self, matcher: Matcher, wake: Callable[[], None]) -> LogSearch:
        return LogSearch(self._broker, self._topic, self._window, matcher, wake)

    def log_times(self, most: int, stopped: Callable[[], bool]) -> LogTimes | None:
        return count_log(self._broker.log, self._topic, most, stopped)

    def explain(self, row: int, record: Record) -> None:
        shown = ((one.id, one.module_versions()) for one in self._consumers.all())
        versions = tuple((identity, max(m.version for m in made)) for identity, made in shown if made)
        self._explainer.ask(Question(row, record, versions))

    def _inquire(self, question: Question) -> list[Inquiry]:
        consumers = self._consumers.all()
        asked = dict(question.versions)
        partition = question.record.partition
        return [one.inquiry(question.row, partition) for one in consumers if one.id in asked]

    def save(self, path: Path, source: RowSource) -> int:
        records = source.records(LogPages(self._broker, self._topic).decoded)
        return save_records(path, records, self._format.latest)

    def _open_scrollback(self) -> Scrollback:
        return Scrollback(
            self._broker, self._topic, self._window, self._consumers.all, self._config, self._tell
        )

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
        self._scrollback.drop()
        self._explainer.close()
        for consumer in self._consumers.all():
            self.remove(consumer.id)
        self._scrollback.close()
        self._comparisons.close()
        self._tail.close()

    def _tell_of_consumer(self) -> None:
        # It may have switched to another version.
        self._scrollback.notify()
        self._tell()

    def _tell(self) -> None:
        self._wake()
