"""What a consumer's SmartStream is doing: one of these classes."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class ConsumerState(Enum):
    """Names the classes of `Status`, as shown."""

    BUILDING = "building"
    LIVE = "live"
    EARLIER = "earlier"
    STALE = "STALE"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """What all have in common."""

    state: ClassVar[ConsumerState]
    notice: str = ""
    """One line, such as why it stopped; or empty."""


class Building(Status):
    """The first build is under way: nothing runs yet."""

    state = ConsumerState.BUILDING


class Live(Status):
    """The newest save is running."""

    state = ConsumerState.LIVE


class Earlier(Status):
    """You went back to an earlier version: a newer one is good, and does not run."""

    state = ConsumerState.EARLIER


class Stale(Status):
    """The newest save does not build: an older version is still running."""

    state = ConsumerState.STALE


class Failed(Status):
    """The newest save does not build, and nothing older runs."""

    state = ConsumerState.FAILED


@dataclass(frozen=True, slots=True)
class Stopped(Status):
    """It broke the guest contract, or failed on too many records in a row; its records stay pending."""

    state: ClassVar[ConsumerState] = ConsumerState.STOPPED
    resumable: bool = False
    """`rebuild` continues with the pending records."""
