"""What follows from a call that did not return: the table in docs/abi.md, "Traps"."""

from dataclasses import dataclass

from engine.runtime.fault_attribution import FaultAttribution
from engine.runtime.guest import Abort, CallResult
from engine.runtime.watchdog import EndReason

ABORTS_PER_INSTANCE = 64
"""Calls that may be aborted in one instance: each leaks what the guest had allocated, and may leave worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to the record that the call had reached, and to the instance."""

    blame: bool
    """Whether the record gets a fault; otherwise it is evaluated again."""
    renew: bool
    """Whether the next record needs a fresh instance."""


class FaultPolicy:
    """Decides for one SmartStream, across its instances."""

    def __init__(self) -> None:
        self._attribution = FaultAttribution()
        self._aborts_per_instance = ABORTS_PER_INSTANCE
        self._aborts = 0
        """Of the present instance."""
        self._reported = 0
        """Panics of the present instance that left a message."""

    def begin_instance(self) -> None:
        """A fresh instance takes over."""
        self._aborts = self._reported = 0

    def decide(self, result: CallResult, abort: Abort) -> Decision:
        """Count an abort of the present instance, and decide."""
        trapped, fresh = abort.reason is None, self._aborts == 0
        # If only the SDK's hook reports panics, Rust 1.63 calls it for an instance's first two alone.
        muted = abort.silent and self._reported > 0
        if muted:
            self._aborts_per_instance = min(self._aborts_per_instance, self._reported)
        suspect = trapped and not fresh and self._attribution.is_suspect(result, abort)
        blame = (trapped or abort.reason is EndReason.RECORD_TIMEOUT) and not muted and not suspect
        if blame:
            self._reported += result.reached in result.messages.panics
            if fresh:
                self._attribution.record_clean_trap(result, abort)
        self._aborts += 1
        worn_out = self._aborts >= self._aborts_per_instance
        return Decision(blame=blame, renew=muted or suspect or abort.heap_torn or worn_out)
