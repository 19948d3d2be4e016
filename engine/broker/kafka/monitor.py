"""Whether a cluster answers, from what its clients report."""

import threading
import time

from confluent_kafka import KafkaError

from engine.broker.connection import CONNECTED, Connection
from engine.broker.kafka.errors import REFUSED, words


class ConnectionMonitor:
    """Collects what the clients of a cluster report. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._problems: dict[object, str] = {}
        self._since = 0.0
        self._words = ""
        self.refusal = ""
        """Why the cluster refuses connections; empty if it does not."""

    @property
    def connection(self) -> Connection:
        """The state by now."""
        with self._lock:
            if self.refusal:
                return Connection(state="failed", since=self._since, problem=self.refusal)
            if self._problems:
                problem = next(iter(self._problems.values()))
                return Connection(state="reconnecting", since=self._since, problem=problem)
            return CONNECTED

    @property
    def problem(self) -> str:
        """The newest that a client reported, as a clause; empty if none did."""
        return self.refusal or self._words

    def on_error(self, error: KafkaError) -> None:
        """What every client calls: most of what it reports is about one connection, and soon over."""
        if error.code() in REFUSED:
            with self._lock:
                self._since = self._since if self.refusal else time.monotonic()
                self.refusal = words(error)
        elif error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.silent(self, self._words or words(error))
        else:
            self._words = words(error)

    def silent(self, source: object, problem: str) -> None:
        """`source`, which may be anything, gets no answer."""
        with self._lock:
            if not self._problems:
                self._since = time.monotonic()
            self._problems.setdefault(source, problem)

    def forget(self, source: object) -> None:
        """`source` asks no more."""
        with self._lock:
            self._problems.pop(source, None)

    def answered(self, source: object | None = None) -> None:
        """The cluster has answered to `source`."""
        with self._lock:
            self.refusal = ""
            self._problems.pop(source, None)
            self._problems.pop(self, None)
