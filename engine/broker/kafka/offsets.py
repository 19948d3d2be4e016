"""What the partitions of a topic hold, asked of all at once."""

from collections.abc import Iterable
from concurrent.futures import Future

from confluent_kafka import OFFSET_INVALID, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ListOffsetsResultInfo, OffsetSpec

from engine.broker.kafka.clients import Clients
from engine.broker.kafka.errors import unreachable
from engine.broker.topics import OffsetRange

MAX_OFFSET = 2**63 - 1
_ANSWER_SECONDS = 9.0
Answers = dict[TopicPartition, "Future[ListOffsetsResultInfo]"]


def offset_ranges(clients: Clients, topic: str, partitions: Iterable[int]) -> dict[int, OffsetRange]:
    """What partitions hold, up to the first transaction that is open. Kafka does not say where gaps are."""
    wanted = list(partitions)

    def ask() -> dict[int, OffsetRange]:
        asked = [
            _asked(clients, topic, spec, wanted) for spec in (OffsetSpec.earliest(), OffsetSpec.latest())
        ]
        starts, ends = [_answered(clients, topic, answers) for answers in asked]
        return {p: OffsetRange(starts[p], max(ends[p], starts[p]), exact=False) for p in wanted}

    return clients.retried(ask)


def offsets_of_time(
    clients: Clients, topic: str, timestamp: int, partitions: Iterable[int]
) -> dict[int, int | None]:
    """The first offset of each partition of a record at or after a time; None if there is none."""
    wanted, spec = list(partitions), OffsetSpec.for_timestamp(timestamp)
    found = clients.retried(lambda: _answered(clients, topic, _asked(clients, topic, spec, wanted)))
    return {partition: offset if offset >= 0 else None for partition, offset in found.items()}


def log_end(clients: Clients, topic: str, partition: int) -> int:
    """The offset behind every record, also those of transactions that are open."""

    def ask() -> dict[int, int]:
        asked = _asked(clients, topic, OffsetSpec.latest(), [partition], IsolationLevel.READ_UNCOMMITTED)
        return _answered(clients, topic, asked)

    return clients.retried(ask)[partition]


def _asked(
    clients: Clients,
    topic: str,
    spec: OffsetSpec,
    partitions: list[int],
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> Answers:
    """A question, whose answers come while others are asked."""
    clients.check_open()
    wanted = {TopicPartition(topic, partition): spec for partition in partitions}
    if not wanted:
        return {}
    return clients.admin.list_offsets(wanted, isolation_level=isolation, request_timeout=_ANSWER_SECONDS)


def _answered(clients: Clients, topic: str, answers: Answers) -> dict[int, int]:
    doing = f"ask for the offsets of topic '{topic}'"
    found = {one.partition: clients.result(answer, doing).offset for one, answer in answers.items()}
    if OFFSET_INVALID in found.values():  # instead of an error, while the leader changes
        leaderless = KafkaException(KafkaError(KafkaError.LEADER_NOT_AVAILABLE))
        raise unreachable(clients.name, f"topic '{topic}' has no leader") from leaderless
    return found


def clamped(offset: int) -> int:
    """The offset, or the nearest that Kafka can have: negative ones have a meaning of their own there."""
    return min(max(offset, 0), MAX_OFFSET)
