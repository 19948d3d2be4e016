"""A thread that appends the records of a source to a topic, at a rate that swells and ebbs."""

import math
import threading
import time
from collections.abc import Callable

import pyarrow as pa

from engine.broker.broker import Broker
from engine.errors import EngineError, InternalError

TICK_SECONDS = 0.05
"""Between appends: looks smooth, and costs little."""
SWELL = 0.4
"""How far the rate goes above and below its average, as a fraction of it."""
SWELL_SECONDS = 24.0
MOST_BEHIND_SECONDS = 0.25
"""Time that is made up for after a delay, so that a suspended process does not return with a flood."""


class DemoProducer:
    """Takes records from a source and appends them until it is closed."""

    def __init__(
        self, broker: Broker, topic: str, take: Callable[[int], pa.RecordBatch], rate: float
    ) -> None:
        """`take` makes that many records; `rate` is in records per second, on average."""
        self._broker = broker
        self._topic = topic
        self._take = take
        self._rate = rate
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"produce {topic}", daemon=True)
        self.error: EngineError | None = None
        """Why it stopped by itself; else None."""

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._produce()
        except EngineError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - the stream would stop without saying why
            self.error = InternalError(error)

    def _produce(self) -> None:
        started = last = time.monotonic()
        owed = 0.0
        while not self._closing.wait(TICK_SECONDS):
            now = time.monotonic()
            owed += min(now - last, MOST_BEHIND_SECONDS) * self._rate_after(now - started)
            last = now
            due = int(owed)
            if due:
                owed -= due
                self._broker.log.append(self._topic, self._take(due))

    def _rate_after(self, seconds: float) -> float:
        return self._rate * (1 + SWELL * math.sin(2 * math.pi * seconds / SWELL_SECONDS))
