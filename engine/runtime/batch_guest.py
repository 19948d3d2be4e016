"""One instance of a SmartStream's module: calls into it, and what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wasmtime import Instance, Memory, Store, Trap, TrapCode, WasmtimeError

from engine import units
from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.breach import breach
from engine.runtime.columns import Columns
from engine.runtime.config import ModuleConfig
from engine.runtime.messages import Messages
from engine.runtime.module import GuestModule
from engine.runtime.region import Region
from engine.runtime.traps import describe, nearly_full
from engine.runtime.wasmtime_calls import Exports, GuestGlobal
from engine.runtime.watchdog import End, Watchdog

REGION_BYTES = 4 << 20
"""A region that must grow doubles up to this size, so that few allocations serve all batches."""

_ANYWHERE = frozenset({TrapCode.INTERRUPT, TrapCode.STACK_OVERFLOW, TrapCode.MEMORY_OUT_OF_BOUNDS})
"""Traps that may have struck in the middle of an allocation; a panic or an abort is not raised in there."""

_T = TypeVar("_T")


class NoRoomError(Exception):
    """The guest has no memory for a batch."""

    def __init__(self, text: str, *, trapped: bool) -> None:
        super().__init__(text)
        self.text = text
        self.trapped = trapped
        """Whether it trapped instead of saying so, and must not be called again."""


class StoppedError(Exception):
    """A call did not return."""

    def __init__(self, end: End | None, code: TrapCode | None = None, text: str = "") -> None:
        super().__init__(end, code, text)
        self.end = end
        """Who ended it; None where the guest trapped."""
        self.code = code
        self.text = text
        """What wasmtime says of a failure that has no code."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a call evaluated less than it was asked to, and did not return."""

    end: End | None
    """Who ended it; None where the guest trapped."""
    text: str
    """What the trap was."""
    silent: bool
    """Whether the guest gave up by itself and left no message of it."""
    torn: bool
    """Whether the guest's heap may have been left in the middle of a change."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one call came to. Indices count from the first record that was loaded."""

    reached: int
    """The first record that was not evaluated; the one in hand where the call did not return."""
    verdicts: bytes
    """The verdicts before that."""
    messages: Messages
    stop: Stop | None


class Guest:
    """An instance with at most one batch loaded. Belongs to one thread at a time."""

    def __init__(self, module: GuestModule, watchdog: Watchdog, config: ModuleConfig) -> None:
        self._module = module
        self._watchdog = watchdog
        self._limits = config.limits
        self._memory: Memory | None = None
        self._stack: GuestGlobal | None = None
        self._stack_top = 0
        self._region: Region | None = None
        self.used = False
        """Whether it has evaluated anything."""
        self._store = Store(module.engine)
        self._store.set_limits(
            self._limits.memory_bytes, self._limits.table_elements, instances=1, tables=8, memories=1
        )
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def version(self) -> int:
        """The version of the contract that the guest was built to."""
        return self._step(abi.ABI, self._abi)

    def load(self, columns: Columns, base_offset: int, partition: int) -> None:
        """Copy a batch in; `NoRoomError` where the guest has no memory for it."""
        places = columns.layout()
        region = self._region
        if region is None or region.size < places.size:
            region = self._allocate(places.size, region.size if region else 0)
        region.write(columns, places, base_offset, partition)

    def evaluate(self, start: int, stop: int) -> Round:
        """Evaluate the loaded records `start` to before `stop`, or some of them.

        `ContractError` where what the guest says cannot be; it must not be used any more then.
        """
        region = self._region
        assert region is not None, "a batch is loaded"
        region.prepare(start, stop)
        self.used = True
        stopped: StoppedError | None = None
        try:
            reached = self._watched(lambda: self._filter(region.address), region, start)
        except StoppedError as error:
            stopped = error
            reached = self._in_hand(region, error, start, stop)
        else:
            if not start < reached <= stop:
                raise self._breach(f"it was given records {start} to {stop} and returned {reached}")
        verdicts = region.verdicts(start, reached)
        if verdicts is None:
            raise self._breach("it wrote a byte that is no verdict")
        messages = region.messages(start, stop)
        told = reached in messages.panics
        return Round(reached, verdicts, messages, self._stop(stopped, told) if stopped else None)

    def recover(self) -> bool:
        """Make ready to go on after a call that trapped; False where only a fresh instance can.

        Without its stack pointer put back the guest's stack would leak until an innocent record overflows.
        Where its memory is nearly full, the record may have failed for want of what earlier ones leaked.
        """
        if self._stack is None or nearly_full(self.memory_size(), self._limits.memory_bytes):
            return False
        self._stack.set(self._stack_top)
        return True

    def close(self) -> None:
        """Let go of the instance and its memory."""
        self._region = None
        self._store.close()

    def _start(self) -> None:
        instance = self._step("instantiation", lambda: Instance(self._store, self._module.module, []))
        exports = Exports(self._store, instance)
        self._memory = exports.memory(abi.MEMORY)
        self._abi = exports.function(abi.ABI, 0, 1)
        self._alloc = exports.function(abi.ALLOC, 1, 1)
        self._filter = exports.function(abi.FILTER, 1, 1)
        if self._module.resets:
            self._stack = exports.i32(abi.STACK_POINTER)
            self._stack_top = self._stack.get()
        if self._module.initializes:
            self._step(abi.INITIALIZE, exports.function(abi.INITIALIZE, 0, 0))

    def _allocate(self, needed: int, held: int) -> Region:
        assert self._memory is not None, "the guest has started"
        self._region = None
        limit = self._limits.memory_bytes
        for size in sorted({needed, max(needed, min(2 * held, REGION_BYTES))}, reverse=True):
            if size > limit:
                continue
            address = self._ask(size)
            if address:
                self._region = Region(self._store, self._memory, address, size, self._module.name)
                return self._region
        raise NoRoomError(
            f"needs {units.size(needed)} of memory, more than the limit of {units.size(limit)} leaves",
            trapped=False,
        )

    def _ask(self, size: int) -> int:
        try:
            return self._watched(lambda: self._alloc(size))
        except StoppedError as error:
            if error.end is None:
                raise NoRoomError(
                    f"{abi.ALLOC} trapped when asked for {units.size(size)}: {self._words(error)}",
                    trapped=True,
                ) from None
            raise self._late(abi.ALLOC, error) from None

    def _step(self, name: str, call: Callable[[], _T]) -> _T:
        try:
            return self._watched(call)
        except StoppedError as error:
            if error.end is None:
                raise ContractError(
                    f"{self._module.name} cannot be started: {name} {self._words(error)}"
                ) from None
            raise self._late(name, error) from None

    def _late(self, name: str, error: StoppedError) -> Exception:
        if error.end is End.INTERRUPTED:
            return error
        limit = units.duration(self._limits.start_seconds)
        return ContractError(f"{self._module.name} cannot be started: {name} took longer than {limit}")

    def _watched(self, call: Callable[[], _T], region: Region | None = None, first: int = 0) -> _T:
        cell = region.progress if region else None
        code: TrapCode | None = None
        try:
            if not self._watchdog.begin(self._store, cell, first):
                raise StoppedError(End.INTERRUPTED)
            return call()
        except Trap as trap:
            code, text = trap.trap_code, ""
        except WasmtimeError as error:
            text = str(error).strip().splitlines()[-1].strip()
        finally:
            end = self._watchdog.end()
        raise StoppedError(end if code is TrapCode.INTERRUPT else None, code, text)

    def _in_hand(self, region: Region, stopped: StoppedError, start: int, stop: int) -> int:
        if stopped.end is End.BACKWARDS:
            raise self._breach("its progress cell went back")
        if stopped.end is End.START:
            limit = units.duration(self._limits.start_seconds)
            raise self._breach(f"it came to no record within {limit}")
        reached = region.progress.value
        if start <= reached < stop:
            return reached
        if reached != abi.NO_RECORD:
            raise self._breach(f"it was given records {start} to {stop} and its progress cell says {reached}")
        if stopped.end is End.INTERRUPTED:
            return start
        raise self._breach(f"it {self._words(stopped)} before its progress cell named a record")

    def _stop(self, stopped: StoppedError, told: bool) -> Stop:
        silent = stopped.code is TrapCode.UNREACHABLE and not told
        return Stop(stopped.end, self._words(stopped), silent, stopped.code in _ANYWHERE)

    def _words(self, stopped: StoppedError) -> str:
        return stopped.text or describe(
            stopped.code,
            memory=self.memory_size(),
            limit=self._limits.memory_bytes,
            stack_spent=self._stack_spent(),
        )

    def memory_size(self) -> int:
        """Bytes of memory that the instance has now."""
        return self._memory.data_len(self._store) if self._memory else 0

    def _stack_spent(self) -> bool:
        # Rust puts the stack below everything else, so that it runs out at address 0 and wraps around.
        return self._stack is not None and self._stack.get() > self._stack_top

    def _breach(self, what: str) -> ContractError:
        return breach(self._module.name, what)
