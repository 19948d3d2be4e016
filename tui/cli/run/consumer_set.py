"""`consumer set`: where a named consumer is to continue, and saving that."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.broker.broker import Broker
from engine.broker.read_range import Start
from engine.errors import BrokerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What changes in one partition."""

    partition: int
    saved: int | None
    """The offset that is saved; None if there is none."""
    offset: int
    """The one to save."""
    lag: int
    """How many offsets that is behind the end."""


def moves(broker: Broker, name: str, topic: str, start: Start, partitions: Sequence[int]) -> list[Move]:
    """What setting a consumer to `start` would change in `partitions`; none are all. Changes nothing."""
    known = broker.topics.get(topic)
    for partition in partitions:
        known.check_partition(partition)
    every = broker.log.offsets(topic)
    held = {partition: every[partition] for partition in sorted(set(partitions)) or sorted(every)}
    wanted = start.resolve(broker.log, known, held)
    saved = {
        one.partition: one.offset
        for one in broker.consumers.saved_positions()
        if (one.consumer, one.topic) == (name, topic)
    }
    return [
        Move(
            partition=partition,
            saved=saved.get(partition),
            offset=offset,
            lag=max(held[partition].end - offset, 0),
        )
        for partition, offset in wanted.items()
    ]


def save(broker: Broker, name: str, topic: str, found: Sequence[Move]) -> None:
    """Save the offsets; `ConsumerInUseError` while it runs, `BrokerError` if they are not saved then."""
    wanted = {move.partition: move.offset for move in found}
    with broker.consumers.claim(name, topic) as claim:
        claim.commit(wanted)
        kept = claim.positions()
    other = sorted(partition for partition, offset in wanted.items() if kept.get(partition) != offset)
    if other:
        raise BrokerError(f"consumer '{name}' is not where it was set to in partition {other[0]}")
