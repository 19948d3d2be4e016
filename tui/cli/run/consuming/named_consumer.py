"""`consume --consumer`: starts where the consumer of that name stopped, and saves its position."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

from engine.broker.broker import Broker
from engine.broker.named_consumers import Claim
from engine.consumer.delivery import Delivery
from engine.errors import NoRoomError, PositionsLostError, UnknownTopicError
from tui.cli.process.failures import Failure, report

COMMIT_SECONDS = 2.0
"""Between two commits: after a crash, what was printed in this time is repeated."""


class PositionSaver:
    """Commits the position of a named consumer now and then, and never before its records were printed."""

    def __init__(self, claim: Claim, name: str, every: float = COMMIT_SECONDS) -> None:
        """Commit every `every` seconds."""
        self._claim = claim
        self.name = name
        self.resumes = False
        """Whether any partition has a saved position."""
        self._every = every
        self._saved = claim.positions()
        self._reached: dict[int, int] = {}
        self._due = 0.0
        self._reported = False
        self._moved = False

    def starts(self, otherwise: Mapping[int, int]) -> dict[int, int]:
        """Where to start in each partition of this process: at the saved position, or where `otherwise` says.

        Partitions that `otherwise` lacks, as they were added since, are read from their beginning.
        """
        own = self._claim.partitions()
        chosen = otherwise if own is None else {p: otherwise.get(p, 0) for p in own}
        return {partition: self._saved.get(partition, start) for partition, start in chosen.items()}

    def begin(self, starts: Mapping[int, int], option: str) -> dict[int, int]:
        """Start where `starts` says, as `starts()` does, and save that.

        `option` is the one that was typed for `starts`, or empty.
        """
        self.resumes = not self._saved.keys().isdisjoint(starts)
        if self.resumes and option:
            only = "partitions without a saved position"
            report(f"consumer {self.name} continues where it stopped: {option} applies only to {only}")
        return self._start(starts)

    def _start(self, starts: Mapping[int, int]) -> dict[int, int]:
        self._reached = self.starts(starts)
        # Before any record: it continues from here also after a crash, or if no record comes.
        self.commit()
        return dict(self._reached)

    def rebalance(self) -> bool:
        """Let partitions move between processes; whether to continue with `resume`."""
        self._moved |= self._claim.rebalance(self.commit)
        return self._moved

    def resume(self, starts: Mapping[int, int]) -> dict[int, int]:
        """Where to continue in the partitions that this process has now; saves it as `begin` does.

        `PositionsLostError` and `BrokerUnreachableError` if that is not known yet.
        """
        self._reached, self._saved = {}, self._claim.positions()
        found = self._start(starts)
        self._moved = False
        return found

    def begin_again(self, claim: Claim, starts: Mapping[int, int]) -> None:
        """Continue with a topic that was created again; the positions in the one before it are deleted."""
        self._claim.close()
        self._claim, self._saved, self._reached = claim, claim.positions(), dict(starts)
        self.commit()

    def close(self) -> None:
        self._claim.close()

    def followed(self, deliveries: Iterator[Delivery | None]) -> Iterator[Delivery | None]:
        """The deliveries; asking for the next one means that the one before was printed."""
        for delivery in deliveries:
            yield delivery
            if delivery is not None:
                self._reached[delivery.batch.partition] = delivery.batch.next_offset
            if time.monotonic() >= self._due:
                self._commit_or_report()

    def commit(self) -> None:
        changed = {p: offset for p, offset in self._reached.items() if self._saved.get(p) != offset}
        if changed:
            with suppress(UnknownTopicError):  # its positions were deleted with it
                self._claim.commit(changed)
            self._saved |= changed
        self._due = time.monotonic() + self._every

    def _commit_or_report(self) -> None:
        try:
            self.commit()
        except NoRoomError as error:  # no reason to stop reading: it is tried again, and at the end
            self._due = time.monotonic() + self._every
            if not self._reported:
                self._reported = True
                later = f"the position of consumer {self.name} is saved once there is"
                report(f"{error.message}: {later}")
        except PositionsLostError:
            if not self._shared:
                raise
            # Whether others have the partitions is known at the next `rebalance`.
            self._due = time.monotonic() + self._every

    def finish(self) -> None:
        """Commit at the end."""
        try:
            self.commit()
        except PositionsLostError as error:
            if not self._shared:
                raise
            report(f"{error.message}: others repeat what was printed last")

    @property
    def _shared(self) -> bool:
        return self._claim.partitions() is not None


@contextmanager
def position_saver(
    broker: Broker, name: str | None, topic: str, *, shared: bool
) -> Iterator[PositionSaver | None]:
    """The position of a named consumer, committed however the block ends; None without a name."""
    if name is None:
        yield None
        return
    if shared and not broker.features.shared_consumers:
        raise Failure(f"broker {broker.name} does not share consumers among processes", "leave out --share")
    claim = broker.consumers.share if shared else broker.consumers.claim
    with closing(PositionSaver(claim(name, topic), name)) as saver:
        try:
            yield saver
        finally:
            saver.finish()
