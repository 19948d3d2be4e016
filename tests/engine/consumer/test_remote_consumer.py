"""What a broker does not evaluate beside its log is evaluated here."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from engine.broker.log import NO_ENDS, Positions
from engine.broker.remote_evaluation import (
    Accumulators,
    RemoteEvaluation,
    RemoteReader,
    RemoteStep,
    RemoteStop,
)
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import Topic
from engine.consumer.remote_chain import RemoteChain
from engine.consumer.remote_consumer import RemoteConsumer
from engine.records.batch import record_batch
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import guest


class FailsAlways(RemoteReader, RemoteEvaluation):
    """Stops at each record that it is sent to."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        """Where it was sent to."""
        self._stops: deque[RemoteStop] = deque()

    def open(
        self,
        topic: Topic,  # noqa: ARG002 - there is one
        positions: Positions,
        steps: Sequence[RemoteStep],  # noqa: ARG002 - they all fail
        *,
        accumulators: Accumulators,  # noqa: ARG002
        ends: Positions = NO_ENDS,  # noqa: ARG002
    ) -> "FailsAlways":
        for partition, position in positions.items():
            self.go_on(partition, position, None)
        return self

    def read(self, timeout: float) -> RemoteStop | None:  # noqa: ARG002 - nothing else comes
        return self._stops.popleft() if self._stops else None

    def go_on(self, partition: int, position: int, accumulator: bytes | None) -> None:  # noqa: ARG002
        self.positions.append(position)
        stop = RemoteStop(partition=partition, position=position, until=position + 1, problem="")
        self._stops.append(stop)

    def replace(self, steps: Sequence[RemoteStep], accumulators: Accumulators) -> None:
        """Never asked for."""

    @property
    def replacing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


def test_no_stretch_that_is_evaluated_here_waits_for_records_that_are_not_there(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        topic, remote = broker.topics.create("t"), FailsAlways()
        broker.log.append("t", record_batch([b"%d" % number for number in range(10)]))
        chain = RemoteChain(version=1, steps=(), here=SmartStream(guest()))
        with RemoteConsumer(broker, remote, topic, chain, positions={0: 0}) as consumer:
            found: list[int] = []
            while len(found) < 10:
                delivery = consumer.poll(0)
                found += delivery.offsets.tolist() if delivery else []
        assert found == [*range(10)]
        # Failing often, it is sent on behind many records, but not behind the last one.
        assert remote.positions == [0, 1, 10]
