"""What `doctor` finds out about a broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerCheck:
    """One step on the way to a broker. All texts are without secrets."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    """What to do if it is not `ok`."""
