"""Which traps are the record's own, and which may result from what an earlier trap left behind."""

from engine.runtime.guest import Abort, CallResult

PLACES_KEPT = 1_000
_HELD = ("borrow", "lock", "mutex", "poison")
"""Words of panics about something that is locked. A panic releases nothing, so in the same instance a lock
that one record took makes all later ones panic."""


class FaultAttribution:
    """Knows where records have trapped in fresh instances, which have nothing left behind in them."""

    def __init__(self) -> None:
        self._places: set[str] = set()

    def is_suspect(self, result: CallResult, abort: Abort) -> bool:
        """Whether a trap in an instance that trapped before may not be the record's fault."""
        message = result.messages.panics.get(result.reached, "").lower()
        return _place(result, abort) not in self._places or any(word in message for word in _HELD)

    def record_clean_trap(self, result: CallResult, abort: Abort) -> None:
        """A record has trapped in a fresh instance."""
        if len(self._places) < PLACES_KEPT:
            self._places.add(_place(result, abort))


def _place(result: CallResult, abort: Abort) -> str:
    """Where a record trapped; if the guest did not report it, how."""
    return str(result.messages.places.get(result.reached) or abort.text)
