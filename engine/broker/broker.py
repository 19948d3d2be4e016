"""A broker: keeps topics, for any number of producers and consumers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

from engine.broker.connection import Connection
from engine.broker.features import Features
from engine.broker.log import Log
from engine.broker.module_store import ModuleStore
from engine.broker.named_consumers import NamedConsumers
from engine.broker.remote_evaluation import RemoteEvaluation
from engine.broker.topics import Topics


class Broker(ABC):
    """A connection to a broker: a context manager. Any thread may use it.

    What a broker cannot do is a `BrokerError`; once it is closed, that is a `BrokerClosedError`.
    """

    features: Features
    name: str
    """What the user calls it, without secrets."""
    topics: Topics
    log: Log
    consumers: NamedConsumers
    modules: ModuleStore
    remote: RemoteEvaluation | None = None
    """Runs SmartStreams beside the log; None if the broker does not."""
    read_only: bool = False
    """Whether everything that would change it is refused."""
    damage: Sequence[str] = ()
    """What was found missing when it was opened, a clause each, for the user to see."""

    @abstractmethod
    def connection(self) -> Connection:
        """Whether it answers, as far as is known by now: never waits."""

    @abstractmethod
    def close(self) -> None:
        """Finish writing and free every resource; readers that wait return. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
