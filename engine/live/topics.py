"""The topics of a broker, and a workbench over any of them."""

from engine.broker.broker import Broker
from engine.broker.module_store import ModuleStore
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.live.workbench import TopicSize, Workbenches
from engine.runtime.config import ModuleConfig


class BrokerWorkbenches(Workbenches):
    """The `Workbenches` of a broker, all with the same limits."""

    def __init__(
        self,
        broker: Broker,
        *,
        store: ModuleStore | None = None,
        window: WindowLimits | None = None,
        config: ModuleConfig | None = None,
    ) -> None:
        """`store` holds the stored SmartStreams, if any."""
        self._broker = broker
        self._store = store
        self._window = window
        self._config = config

    def topics(self) -> tuple[TopicSize, ...]:
        return tuple(TopicSize(found.topic.name, found.records) for found in self._broker.topics.describe())

    def open(self, topic: str) -> TopicWorkbench:
        return TopicWorkbench(
            self._broker, topic, store=self._store, window=self._window, config=self._config
        )
