"""What follows from a call that did not return: the table in docs/abi.md, "Traps"."""

from dataclasses import dataclass

from engine.runtime.call_result import Abort, CallResult
from engine.runtime.watchdog import EndReason

ABORTS_PER_INSTANCE = 64
"""Calls that may be aborted in one instance: each leaks what the guest had allocated, and may leave worse."""
PLACES_KEPT = 1_000
_HELD = ("borrow", "lock", "mutex", "poison")
"""Words of panics about something that is locked. A panic releases nothing, so in the same instance a lock
that one record took makes all later ones panic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to the record that the call had reached, and to the instance."""

    blame: bool
    """Whether the record gets a fault; otherwise it is evaluated again."""
    renew: bool
    """Whether the next record needs a fresh instance."""


class FaultPolicy:
    """Decides for one SmartStream, across its instances.

    A trap is the record's own if one happened at the same place in a fresh instance, which has nothing left
    behind in it.
    """

    def __init__(self) -> None:
        self._places: set[str] = set()
        """Where records have trapped in fresh instances."""
        self._aborts_per_instance = ABORTS_PER_INSTANCE
        self._aborts = 0
        """Of the current instance."""
        self._reported = 0
        """Panics of the current instance that left a message."""

    def begin_instance(self) -> None:
        self._aborts = self._reported = 0

    def decide(self, result: CallResult, abort: Abort) -> Decision:
        """Count an abort of the current instance, and decide."""
        if abort.grouped:
            return Decision(blame=False, renew=True)
        trapped, fresh = abort.reason is None, self._aborts == 0
        panic = result.messages.panics.get(result.reached)
        # If the guest did not report where, then how.
        place = str(result.messages.places.get(result.reached) or abort.text)
        # If only the SDK's hook reports panics, Rust 1.63 calls it for an instance's first two alone.
        muted = abort.silent and self._reported > 0
        if muted:
            self._aborts_per_instance = min(self._aborts_per_instance, self._reported)
        locked = any(word in (panic or "").lower() for word in _HELD)
        suspect = trapped and not fresh and (locked or place not in self._places)
        blame = (trapped or abort.reason is EndReason.RECORD_TIMEOUT) and not muted and not suspect
        if blame:
            self._reported += panic is not None
            if fresh and len(self._places) < PLACES_KEPT:
                self._places.add(place)
        self._aborts += 1
        worn_out = self._aborts >= self._aborts_per_instance
        return Decision(blame=blame, renew=muted or suspect or abort.heap_torn or worn_out)
