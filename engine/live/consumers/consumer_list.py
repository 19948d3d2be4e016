"""The consumers of a workbench, in the order of their panes."""

import threading
from collections.abc import Mapping
from typing import TypeVar

from engine.live.evaluation.pane_consumer import PaneConsumer

Kept = TypeVar("Kept")


class ConsumerList:
    """Any thread may call. Starts and closes none of its consumers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._consumers: dict[int, PaneConsumer] = {}

    def all(self) -> tuple[PaneConsumer, ...]:
        with self._lock:
            return tuple(self._consumers.values())

    def find(self, identity: int) -> PaneConsumer | None:
        with self._lock:
            return self._consumers.get(identity)

    def add(self, consumer: PaneConsumer) -> None:
        with self._lock:
            self._consumers[consumer.id] = consumer

    def replace(self, before: PaneConsumer, after: PaneConsumer) -> bool:
        """Put a consumer in the place of another with its id; False if that has been removed."""
        with self._lock:
            found = self._consumers.get(before.id) is before
            if found:
                self._consumers[before.id] = after
            return found

    def remove(self, identity: int) -> PaneConsumer | None:
        """Take a consumer out; None if it is not there any more."""
        with self._lock:
            return self._consumers.pop(identity, None)

    def move(self, identity: int, step: int) -> None:
        """Move a consumer by `step` places, but not round the end."""
        with self._lock:
            self._consumers = moved(self._consumers, identity, step)


def moved(consumers: Mapping[int, Kept], consumer: int, step: int) -> dict[int, Kept]:
    """The same consumers, with one of them moved by `step` places, but not round the end."""
    order = list(consumers)
    if consumer in consumers:
        place = max(order.index(consumer) + step, 0)
        order.remove(consumer)
        order.insert(place, consumer)
    return {identity: consumers[identity] for identity in order}
