"""What `--decode` could not decode."""

from collections.abc import Mapping


class Undecoded:
    """Of the records of one topic. Any thread may add."""

    def __init__(self) -> None:
        self.count = 0
        """Keys and values that were left as they are stored."""
        self.reason = ""
        """Of the last one; a clause about it."""
        self.waiting = ""
        """Why records wait to be decoded, in a clause; or empty."""

    def add(self, reason: str) -> None:
        self.count += 1
        self.reason = reason

    @property
    def problem(self) -> str:
        """Why records are not decoded, in a clause; or empty."""
        if self.waiting:
            return f"records wait: {self.waiting}"
        return f"left as they are stored: {self.reason}" if self.reason else ""


class UndecodedByTopic:
    """Of all topics that are decoded. Any thread may call."""

    def __init__(self) -> None:
        self._topics: dict[str, Undecoded] = {}

    def of(self, topic: str) -> Undecoded:
        """The same one for as long as this lasts, so that no topic takes another one's away."""
        return self._topics.setdefault(topic, Undecoded())

    def topics(self) -> Mapping[str, Undecoded]:
        return dict(self._topics)
