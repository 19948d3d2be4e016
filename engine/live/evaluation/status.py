"""What a consumer's SmartStream is doing."""

from enum import Enum


class ConsumerState(Enum):
    """What a consumer's SmartStream is doing."""

    BUILDING = "building"
    """The first build is under way: nothing runs yet."""
    LIVE = "live"
    """The newest save is running."""
    EARLIER = "earlier"
    """You went back to an earlier version: a newer one is good, and does not run."""
    STALE = "STALE"
    """The newest save does not build: an older version is still running."""
    FAILED = "failed"
    """The newest save does not build, and nothing older runs."""
    STOPPED = "stopped"
    """It broke the guest contract, or failed on too many records in a row; its records stay pending."""
