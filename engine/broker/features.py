"""What a broker can do, for commands and dialogues that would need it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What all brokers of one class can do."""

    headers: bool = True
    """Whether records keep their headers."""
    tombstones: bool = True
    """Whether a value may be missing, which is not the same as an empty one."""
    exclusive_consumers: bool = True
    """Whether a named consumer that runs is refused to others."""
    shared_consumers: bool = False
    """Whether several processes can share the partitions of a named consumer."""
    replicas: bool = False
    """Whether partitions have replicas, so that a topic may ask for more than one."""
    transactions: bool = False
    """Whether records, and positions and states of consumers, can be saved in one transaction."""
    time_lookup: Literal["exact", "bisect"] = "exact"
    """How `Log.offset_at` finds an offset: exactly, or as if timestamps rose with offsets."""
