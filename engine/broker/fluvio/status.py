"""Which parts of a cluster do not answer or keep up, and since when."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine.broker.connection import CONNECTED, Connection
from engine.errors import BrokerUnreachableError


class ClusterStatus:
    """What is wrong, by the part of the cluster that it is about. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._problems: dict[str, Connection] = {}

    def failed(self, part: str, problem: str) -> None:
        """A part does not answer; what was known before about it keeps its time."""
        with self._lock:
            before = self._problems.get(part)
            since = before.since if before else time.monotonic()
            self._problems[part] = Connection(state="reconnecting", since=since, problem=problem)

    def answered(self, part: str) -> None:
        with self._lock:
            self._problems.pop(part, None)

    @contextmanager
    def watching(self, part: str) -> Iterator[None]:
        """Note whether a request to a part of the cluster is answered."""
        try:
            yield
        except BrokerUnreachableError as error:
            self.failed(part, error.message)
            raise
        self.answered(part)

    def connection(self) -> Connection:
        """The problem that is oldest."""
        with self._lock:
            return min(self._problems.values(), key=lambda one: one.since, default=CONNECTED)
