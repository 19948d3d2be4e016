"""Workbenches over all topics of a broker."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.broker.broker import Broker
from engine.builds.source_archive import SourceArchive
from engine.live.consumers.numbers import ConsumerNumbers
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.live.workbench import TopicSize, Workbench, Workbenches
from engine.runtime.config import ModuleConfig
from engine.schemas.decoders import Decoders


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
