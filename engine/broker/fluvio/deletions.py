"""Which topics were deleted, as far as this program has noticed: Fluvio gives topics no ids."""

from collections import Counter
from collections.abc import Iterable

_DOUBT_SECONDS = 1.0


class Deletions:
    """Counts the deletions of each name. One thread uses it at a time."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._believed_at: dict[str, float] = {}
        self._missing_since: dict[str, float] = {}
        self._confirmed: set[str] = set()

    def confirm(self, topic: str) -> None:
        """A topic was deleted for certain: by this program, or an SPU says so."""
        self._confirmed.add(topic)

    def still_there(self, known: Iterable[str], listed: Iterable[str], now: float) -> set[str]:
        """Topics that an SC has not listed, but may yet: one that has just started lists only some.

        The others are counted as deleted.
        """
        missing = {*known} - {*listed}
        self._missing_since = {name: self._missing_since.get(name, now) for name in missing}
        doubted = set()
        for name in missing:
            if name in self._confirmed or now - self._missing_since[name] >= _DOUBT_SECONDS:
                self._counts[name] += 1
                self._believed_at[name] = now
                self._missing_since.pop(name)
                self._confirmed.discard(name)
            else:
                doubted.add(name)
        return doubted

    def replaced(self, topic: str, now: float) -> None:
        """A topic was created whose name was still known: the one before was deleted for certain."""
        self._counts[topic] += 1
        self._believed_at[topic] = now
        self._missing_since.pop(topic, None)

    def count(self, topic: str) -> int:
        return self._counts[topic]

    def last(self, topic: str) -> float | None:
        """When a topic of that name was deleted or went missing, by `time.monotonic()`."""
        return self._missing_since.get(topic, self._believed_at.get(topic))
