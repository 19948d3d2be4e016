"""`consume --consumer`: goes on where the consumer of that name stopped, and keeps how far it has come."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from engine.broker.named_consumers import Claim, NamedConsumers
from engine.consumer.consumer import Delivery
from engine.errors import NoRoomError

COMMIT_SECONDS = 2.0
"""How often it is kept how far a consumer has come: what it prints in this time is repeated after a crash."""


class Keeper:
    """Keeps how far a named consumer has come: now and then, and never before it was handed over."""

    def __init__(self, claim: Claim, name: str, every: float = COMMIT_SECONDS) -> None:
        """`every` is in seconds."""
        self._claim = claim
        self.name = name
        self.resumes = False
        """Whether it goes on where it stopped, in any partition."""
        self._every = every
        self._kept = claim.positions()
        self._reached: dict[int, int] = {}
        self._due = 0.0
        self._told = False

    def begin(self, starts: Mapping[int, int], option: str) -> dict[int, int]:
        """Where to begin in each partition: where it stopped, or else where `starts` says.

        `option` is the one that was typed for `starts`, or empty.
        """
        self.resumes = not self._kept.keys().isdisjoint(starts)
        if self.resumes and option:
            click.echo(
                f"fluvio-tui: consumer {self.name} goes on where it stopped: {option} counts only where it "
                "has not been yet",
                err=True,
            )
        self._reached = {partition: self._kept.get(partition, start) for partition, start in starts.items()}
        # Kept before anything comes: it is to go on from here, also after a crash or where nothing comes.
        self.commit()
        return dict(self._reached)

    def followed(self, deliveries: Iterator[Delivery | None]) -> Iterator[Delivery | None]:
        """The deliveries: asking for the next one says that the one before was handed over."""
        for delivery in deliveries:
            yield delivery
            if delivery is not None:
                self._reached[delivery.batch.partition] = delivery.batch.next_offset
            if time.monotonic() >= self._due:
                self._commit_or_tell()

    def commit(self) -> None:
        """Keep what has not been kept yet."""
        changed = {p: offset for p, offset in self._reached.items() if self._kept.get(p) != offset}
        if changed:
            self._claim.commit(changed)
            self._kept |= changed
        self._due = time.monotonic() + self._every

    def _commit_or_tell(self) -> None:
        try:
            self.commit()
        except NoRoomError as error:  # no reason to stop reading: tried again, and at the end for good
            self._due = time.monotonic() + self._every
            if not self._told:
                self._told = True
                kept = f"how far consumer {self.name} has come is kept once there is"
                click.echo(f"fluvio-tui: {error.message}: {kept}", err=True)


@contextmanager
def keeper_of(consumers: NamedConsumers, name: str | None, topic: str) -> Iterator[Keeper | None]:
    """What keeps how far a named consumer comes, however the block ends; None where there is no name."""
    if name is None:
        yield None
        return
    with consumers.claim(name, topic) as claim:
        keeper = Keeper(claim, name)
        try:
            yield keeper
        finally:
            keeper.commit()
