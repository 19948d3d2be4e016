"""What `consume --share` does when partitions move between the processes that share a consumer."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from engine.broker.topics import Topic
from engine.consumer.topic_consumer import TopicConsumer
from engine.errors import BrokerUnreachableError, PositionsLostError
from tui.cli.process.failures import report
from tui.cli.run.consuming.follower import Follower
from tui.cli.run.consuming.named_consumer import PositionSaver


class PartitionFollower(Follower):
    """Moves a consumer to the partitions that this process has now, and reports that in one line."""

    def __init__(self, topic: Topic, saver: PositionSaver, starts: Mapping[int, int]) -> None:
        """`starts` has where to read partitions without a saved position."""
        self._topic = topic
        self._saver = saver
        self._starts = starts
        self._reported: frozenset[int] | None = None

    def look(self, consumer: TopicConsumer) -> None:
        if self._saver.rebalance():
            positions: dict[int, int] = {}
            # Nothing is read until it is known from where.
            with suppress(BrokerUnreachableError, PositionsLostError):
                positions = self._saver.resume(self._starts)
            if positions or consumer.positions:
                consumer.reopen(self._topic, positions)
        self._report(frozenset(consumer.positions))

    def _report(self, partitions: frozenset[int]) -> None:
        if partitions != self._reported:
            self._reported = partitions
            report(f"consumer {self._saver.name} reads {_words(partitions)} of topic {self._topic.name} here")


def _words(partitions: Iterable[int]) -> str:
    found = sorted(partitions)
    if not found:
        return "no partition"
    return f"partition{'s' if len(found) > 1 else ''} {', '.join(map(str, found))}"
