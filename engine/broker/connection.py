"""Whether a broker answers."""

from dataclasses import dataclass
from typing import Literal

ConnectionState = Literal["connected", "reconnecting", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The state of a connection to a broker.

    While it is reconnecting, readers wait; once it has failed, it stays so and readers raise errors.
    """

    state: ConnectionState = "connected"
    since: float = 0.0
    """When this state began, by `time.monotonic()`."""
    problem: str = ""
    """Why it is not connected, in a clause without secrets."""


CONNECTED = Connection()
