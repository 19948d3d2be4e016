"""The instance that a SmartStream runs in: made when it is needed, replaced after faults."""

import logging
from collections.abc import Sequence

from engine.records.batch import Batch
from engine.runtime.call_result import Abort, CallResult
from engine.runtime.config import ModuleConfig
from engine.runtime.fault_policy import FaultPolicy
from engine.runtime.guest import Guest
from engine.runtime.load_size import LoadSize
from engine.runtime.loading.module import GuestModule
from engine.runtime.loading.optimizing import Optimizing
from engine.runtime.watchdog import Watchdog

_LOG = logging.getLogger(__name__)


class Instances:
    """At most one instance at a time. Belongs to one thread at a time; closes the module in the end."""

    def __init__(
        self,
        module: GuestModule,
        watchdog: Watchdog,
        config: ModuleConfig,
        *,
        name: str,
        optimizing: Optimizing | None,
    ) -> None:
        """`optimizing` is what compiles the module in full; None if it is."""
        self.module = module
        self.replaced = 0
        """How often after faults: each time, state that the user's code kept was lost."""
        self.load_size = LoadSize()
        self._watchdog = watchdog
        self._config = config
        self._name = name
        self._optimizing = optimizing
        self._policy = FaultPolicy()
        self._guest: Guest | None = None
        self._stored: tuple[Batch, ...] = ()

    @property
    def memory(self) -> int:
        """Bytes in use; 0 without an instance."""
        return 0 if self._guest is None else self._guest.memory

    @property
    def optimized(self) -> bool:
        return self._optimizing is None

    def present(self) -> Guest:
        """The instance to continue in, which is a fresh one after a fault."""
        if self._guest is None:
            self._guest = guest = Guest(self.module, self._watchdog, self._config)
            self._policy.begin_instance()
            guest.look_back(self._stored)
        return self._guest

    def is_present(self, guest: Guest) -> bool:
        """Whether nothing has replaced it."""
        return self._guest is guest

    def look_back(self, batches: Sequence[Batch]) -> None:
        """Show stored records to this instance, which has evaluated nothing then, and to each later one."""
        self._stored = tuple(batches)
        if self._guest is None or self._guest.used:
            self.drop()
            self.present()
        else:
            self._guest.look_back(self._stored)

    def after_abort(self, done: CallResult, abort: Abort) -> bool:
        """Make ready to continue after a call that did not return.

        Returns whether the record that it had reached is to blame.
        """
        decision = self._policy.decide(done, abort)
        if decision.renew or self._guest is None or not self._guest.recover():
            self.replace()
        return decision.blame

    def replace(self) -> None:
        """Continue in a fresh instance, because of a fault."""
        self.load_size.after_fault()
        if self._guest is not None:
            self.replaced += self._guest.used
            _LOG.debug("%s: instance %d replaced after faults", self._name, self.replaced)
        self.drop()

    def drop(self) -> None:
        """Continue in a fresh instance."""
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.close()

    def renew(self) -> None:
        """Continue as if nothing had been evaluated."""
        self.drop()
        self.replaced = 0

    def begin_to_optimize(self) -> None:
        """Compile the module in full, unless that has begun or is done."""
        if self._optimizing is not None:
            self._optimizing.begin()

    def optimize(self) -> None:
        """Continue in optimized code, if it is ready."""
        optimized = None if self._optimizing is None else self._optimizing.take()
        if optimized is None:
            return
        before, self.module, self._optimizing = self.module, optimized, None
        self._watchdog.watch(optimized.engine)
        try:
            moved = self._guest and self._guest.moved_to(optimized)
        finally:
            self.drop()
            before.close()
        self._guest = moved

    def close(self) -> None:
        """Release the instance and the module. Close the watchdog first: it reads guest memory."""
        if self._optimizing is not None:
            self._optimizing.close()
        try:
            self.drop()
        finally:
            self.module.close()
