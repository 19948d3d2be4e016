"""Which traps are the record's own, and which may come of what an earlier trap left behind."""

from engine.runtime.batch_guest import Round, Stop

PLACES_KEPT = 1_000
_HELD = ("borrow", "lock", "mutex", "poison")
"""Words of panics over what is held. A panic lets go of nothing, so that in the same instance a lock that one
record held makes all others panic."""


class Suspicion:
    """Knows where records have trapped in fresh instances, which have nothing left behind in them."""

    def __init__(self) -> None:
        self._places: set[str] = set()

    def doubts(self, done: Round, stop: Stop) -> bool:
        """Whether a trap in an instance that trapped before may be no fault of the record."""
        message = done.messages.panics.get(done.reached, "").lower()
        return _place(done, stop) not in self._places or any(word in message for word in _HELD)

    def trapped_afresh(self, done: Round, stop: Stop) -> None:
        """A record has trapped in a fresh instance."""
        if len(self._places) < PLACES_KEPT:
            self._places.add(_place(done, stop))


def _place(done: Round, stop: Stop) -> str:
    """Where a record trapped; where the guest does not tell, how."""
    return str(done.messages.places.get(done.reached) or stop.text)
