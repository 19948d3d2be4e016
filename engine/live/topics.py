"""The topics of a broker, and a workbench over any of them."""

from dataclasses import dataclass
from typing import Protocol

from engine.broker.log import Broker
from engine.errors import UnknownTopicError
from engine.library.store import SmartStreamStore
from engine.live.window.limits import WindowLimits
from engine.live.workbench import TopicWorkbench, Workbench
from engine.runtime.config import ModuleConfig


@dataclass(frozen=True, slots=True)
class TopicContents:
    """A topic, and how much is in it now."""

    name: str
    records: int


class Workbenches(Protocol):
    """What a dashboard needs in order to go to another topic. Both methods read the disk."""

    def topics(self) -> tuple[TopicContents, ...]:
        """All topics, by name."""

    def open(self, topic: str) -> Workbench:
        """A workbench without consumers, which has not begun; `UnknownTopicError` where there is no topic."""


class BrokerWorkbenches:
    """The `Workbenches` of a broker, all with the same limits."""

    def __init__(
        self,
        broker: Broker,
        *,
        store: SmartStreamStore | None = None,
        window: WindowLimits | None = None,
        config: ModuleConfig | None = None,
    ) -> None:
        """`store` has the stored SmartStreams, where there are any to be had."""
        self._broker = broker
        self._store = store
        self._window = window
        self._config = config

    def topics(self) -> tuple[TopicContents, ...]:
        """All topics, by name."""
        found = []
        for topic in self._broker.topics():
            try:
                held = [self._broker.offsets(topic.name, p) for p in range(topic.partitions)]
            except UnknownTopicError:  # deleted meanwhile
                continue
            found.append(TopicContents(topic.name, sum(offsets.end - offsets.start for offsets in held)))
        return tuple(found)

    def open(self, topic: str) -> TopicWorkbench:
        """A workbench over a topic; see `Workbenches.open`."""
        return TopicWorkbench(
            self._broker, topic, store=self._store, window=self._window, config=self._config
        )
