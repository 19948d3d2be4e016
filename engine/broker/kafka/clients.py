"""The clients of one cluster: their settings, their errors, and waiting for answers."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from engine.broker.kafka import settings
from engine.broker.kafka.errors import (
    LEADERLESS,
    UNREACHABLE,
    broker_error,
    kafka_error,
    refused,
    unreachable,
)
from engine.broker.kafka.monitor import ConnectionMonitor
from engine.errors import BrokerClosedError, BrokerError, BrokerUnreachableError

OPEN_SECONDS = 2.0
"""How long a cluster has to answer at first."""
ANSWER_SECONDS = 10.0
"""How long a cluster has to answer later: the time that another broker needs to take over, and more."""
SILENT_SECONDS = 1.0
"""How long an answer may take before the connection counts as lost."""
SLICE = 0.1
"""Seconds of waiting after which a client looks whether to go on: nothing can wake it."""
RETRY_SECONDS = 0.05

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class _ClientLog:
    """What librdkafka logs, which would go to standard error otherwise, over the dashboard.

    None of it is for users: what matters comes as errors, too.
    """

    def log(self, _level: int, message: str, *args: object) -> None:
        _LOG.debug(message, *args)


class Clients:
    """Makes the clients of one cluster, and waits for its answers. Any thread may use it."""

    def __init__(self, name: str, config: Mapping[str, Any], producing: Mapping[str, Any]) -> None:
        """`config` is that of every client, `producing` that of producers in addition.

        `BrokerError` for settings that the client does not know.
        """
        self.name = name
        self.monitor = ConnectionMonitor()
        self._config = dict(config)
        self._producing = dict(producing)
        self._closing = threading.Event()
        self.admin: AdminClient = self._made(AdminClient, settings.ADMIN)

    def consumer(self, config: Mapping[str, Any]) -> Consumer:
        """A new consumer, which its user closes."""
        found: Consumer = self._made(Consumer, config)
        return found

    def producer(self, config: Mapping[str, Any] | None = None) -> Producer:
        """A new producer, which its user flushes. `config` is in addition to `settings.PRODUCER`."""
        found: Producer = self._made(Producer, {**settings.PRODUCER, **self._producing, **(config or {})})
        return found

    def _made(self, client: Callable[..., Any], config: Mapping[str, Any]) -> Any:
        merged = {**config, **self._config}
        try:
            return client(merged, logger=_ClientLog(), error_cb=self.monitor.on_error)
        except KafkaException as error:
            found = kafka_error(error)
            text = found.str() if found is not None else "invalid settings"
            raise BrokerError(
                f"Kafka's client refuses its settings: {text}",
                "check the profile, --broker-config and -X; 'fluvio-tui doctor' tries the certificates",
            ) from error

    def connect(self) -> None:
        """Wait for the cluster's first answer; `BrokerUnreachableError` or `BrokerError` if it refuses."""
        answer = self.admin.describe_cluster(request_timeout=OPEN_SECONDS)
        deadline = time.monotonic() + OPEN_SECONDS
        while not answer.done() and not self.monitor.refusal and time.monotonic() < deadline:
            self.admin.poll(SLICE / 2)
        if self.monitor.refusal:
            raise refused(self.name, self.monitor.refusal)
        if not answer.done() or answer.exception() is not None:
            raise unreachable(self.name, self.monitor.problem or f"no answer within {OPEN_SECONDS:g} s")

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def check_open(self) -> None:
        """`BrokerClosedError` once it is closed."""
        if self.closed:
            raise BrokerClosedError("the broker is closed")

    def check_accepted(self) -> None:
        """`BrokerError` once the cluster refuses connections, such as when a password has expired."""
        state = self.monitor.connection
        # A refusal of one node counts if no other one answers meanwhile.
        if state.state == "failed" and time.monotonic() - state.since > SILENT_SECONDS:
            raise refused(self.name, state.problem)

    def result(self, answer: "Future[T]", doing: str, seconds: float = ANSWER_SECONDS) -> T:
        """Wait for an answer; errors as `broker_error`, `KafkaException` for none of the usual ones."""
        began = asked = time.monotonic()
        while not answer.done():
            self.check_open()
            if self.monitor.refusal:
                raise refused(self.name, self.monitor.refusal)
            waited = time.monotonic() - began
            if waited > SILENT_SECONDS:
                # Seen before the end: nodes that are paused report nothing.
                problem = self.monitor.problem or f"no answer within {SILENT_SECONDS:g} s"
                self.monitor.silent(None, problem)
            if time.monotonic() - asked > SILENT_SECONDS:
                # It would wait for ever for a controller that is dead.
                self._refresh()
                asked = time.monotonic()
            if waited > seconds:
                raise unreachable(self.name, self.monitor.problem or f"no answer within {seconds:g} s")
            try:
                answer.exception(SLICE)
            except TimeoutError:
                self.admin.poll(0)
        with self.errors(doing):
            found = answer.result()
        self.monitor.answered()
        return found

    def retried(self, ask: Callable[[], T], codes: tuple[int, ...] = LEADERLESS) -> T:
        """What `ask` returns, asked again while it raises one of Kafka's errors, for some time."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                return ask()
            except BrokerError as error:
                gone = is_error(error, KafkaError._UNKNOWN_PARTITION, KafkaError._NOENT)
                if gone or isinstance(error, BrokerUnreachableError):
                    # It may go on asking a leader that is dead.
                    self._refresh()
                if not is_error(error, *codes) or time.monotonic() > deadline:
                    raise
            self._closing.wait(RETRY_SECONDS)
            self.check_open()

    def _refresh(self) -> None:
        """Let the client forget what it knew: topics of the same names, leaders, and the controller."""
        with suppress(KafkaException):
            self.admin.list_topics(timeout=1)

    @contextmanager
    def errors(self, doing: str) -> Iterator[None]:
        """Raise errors of the client as those of this program."""
        try:
            yield
        except KafkaException as error:
            found = kafka_error(error)
            if found is None:
                raise BrokerError(f"cannot {doing}: {error}") from error
            if found.code() in UNREACHABLE and self.monitor.problem:
                raise unreachable(self.name, self.monitor.problem) from error
            raise broker_error(found, doing, self.name) from error

    def close(self) -> None:
        """Let everything that waits return soon. May be called again."""
        self._closing.set()


def is_error(error: BaseException, *codes: int) -> bool:
    """Whether an error, or what it was raised from, is one of Kafka's errors."""
    found = kafka_error(error) or (kafka_error(error.__cause__) if error.__cause__ is not None else None)
    return isinstance(found, KafkaError) and found.code() in codes
