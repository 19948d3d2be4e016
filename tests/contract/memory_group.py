"""Consumers in memory that share partitions: as on a cluster, one gives a partition up before it moves."""

from collections.abc import Callable, Sequence

from engine.broker.log import Appended, NewRecords, Positions
from engine.broker.named_consumers import NO_STATES, Claim, States
from engine.errors import PositionsLostError


class MemoryGroup:
    """Who shares a consumer, and which partitions each has. For one thread."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._members: list[SharedMemoryClaim] = []
        self._owners: dict[int, SharedMemoryClaim] = {}

    def join(self, member: "SharedMemoryClaim") -> None:
        self._members.append(member)

    def leave(self, member: "SharedMemoryClaim") -> None:
        """Also of one that does not know of it, as it was silent for too long."""
        self._members = [one for one in self._members if one is not member]
        self._owners = {p: owner for p, owner in self._owners.items() if owner is not member}

    def expected(self, member: "SharedMemoryClaim") -> set[int]:
        """The partitions that a member is to have."""
        return {p for p in range(self._partitions) if self._members[p % len(self._members)] is member}

    def owned(self, member: "SharedMemoryClaim") -> frozenset[int]:
        return frozenset(p for p, owner in self._owners.items() if owner is member)

    def divide(self, member: "SharedMemoryClaim") -> None:
        """Let a member give up what others are to have, and take what nobody has."""
        if member not in self._members:
            self.join(member)
        expected = self.expected(member)
        kept = {p: owner for p, owner in self._owners.items() if owner is not member or p in expected}
        self._owners = {**dict.fromkeys(expected, member), **kept}


class SharedMemoryClaim(Claim):
    """A `Claim` on some of the partitions."""

    def __init__(self, group: MemoryGroup, claim: Claim) -> None:
        self._group = group
        self._claim = claim
        group.join(self)
        group.divide(self)
        self._own = group.owned(self)

    def silence(self) -> None:
        """Lose the partitions to others without being asked."""
        self._group.leave(self)

    def rebalance(self, save: Callable[[], None]) -> bool:
        before = self._own
        lost = self._group.owned(self) != before
        if not lost and self._group.expected(self) != before:
            save()
        self._group.divide(self)
        self._own = self._group.owned(self)
        return lost or self._own != before

    def partitions(self) -> frozenset[int]:
        return self._own

    def positions(self) -> dict[int, int]:
        return self._claim.positions()

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        if not positions.keys() <= self._group.owned(self):
            raise PositionsLostError("others have the partitions")
        self._claim.commit(positions, states)

    def states(self) -> dict[int, bytes]:
        return self._claim.states()

    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        return self._claim.append_and_commit(appends, positions, states)

    def close(self) -> None:
        self._group.leave(self)
