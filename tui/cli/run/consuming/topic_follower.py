"""What `consume` does when its topic is deleted, created again, or given more partitions while it reads."""

import time
from collections.abc import Iterable

from engine.broker.broker import Broker
from engine.broker.topics import Topic
from engine.consumer.topic_consumer import TopicConsumer
from engine.errors import UnknownTopicError
from tui.cli.process.failures import report
from tui.cli.run.consuming.follower import Follower
from tui.cli.run.consuming.named_consumer import PositionSaver

LOOK_SECONDS = 1.0
"""Between looks for another topic of that name, and for more partitions."""


class TopicFollower(Follower):
    """Moves a consumer on to what has the topic's name now, and reports that in one line."""

    def __init__(self, broker: Broker, topic: Topic, saver: PositionSaver | None) -> None:
        self._broker = broker
        self._topic = topic
        self._saver = saver
        self._due = time.monotonic() + LOOK_SECONDS
        self._reported = False

    def look(self, consumer: TopicConsumer) -> None:
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + LOOK_SECONDS
        every = len(consumer.positions) == self._topic.partitions
        try:
            found = self._broker.topics.get(self._topic.name)
            if found.id != self._topic.id:
                # What is left of the one before comes first.
                if not consumer.pending:
                    self._begin(consumer, found, range(found.partitions) if every else consumer.positions)
            elif every and found.partitions > self._topic.partitions:
                self._add_partitions(consumer, found)
        except UnknownTopicError:
            if not self._reported:
                self._reported = True
                report(f"topic {self._topic.name} was deleted: waiting for another one of that name")

    def look_soon(self) -> bool:
        self._due = 0.0
        return True

    def _begin(self, consumer: TopicConsumer, found: Topic, partitions: Iterable[int]) -> None:
        for partition in partitions:
            found.check_partition(partition)
        held = self._broker.log.offsets(found.name)
        positions = {p: held[p].start for p in partitions}
        if self._saver is not None:
            self._saver.begin_again(self._broker.consumers.claim(self._saver.name, found.name), positions)
        report(f"topic {found.name} was deleted and created again: reading the new one from its beginning")
        consumer.reopen(found, positions)
        self._topic, self._reported = found, False

    def _add_partitions(self, consumer: TopicConsumer, found: Topic) -> None:
        held = self._broker.log.offsets(found.name)
        added = {p: held[p].start for p in range(self._topic.partitions, found.partitions)}
        report(f"topic {found.name} has {found.partitions} partitions now: reading all of them")
        consumer.reopen(found, {**consumer.delivered, **added})
        self._topic = found
