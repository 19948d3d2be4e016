"""An instance of a module: its start, its memory, and calls into it that may be ended."""

import ctypes
from collections.abc import Callable
from typing import TypeVar

from wasmtime import Memory, Store, Trap, TrapCode, WasmtimeError

from engine import units
from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.call_result import CallAbortedError, NoRoomError
from engine.runtime.fluvio.adapter import GROUP_SIZE
from engine.runtime.fluvio.system import PrintedText
from engine.runtime.limits import Limits
from engine.runtime.loading.checks import PAGE_BYTES
from engine.runtime.loading.module import GuestModule
from engine.runtime.loading.scripts import Script, refusal
from engine.runtime.memory import messages
from engine.runtime.memory.messages import Messages
from engine.runtime.memory.region import Region
from engine.runtime.trap_messages import describe, nearly_full
from engine.runtime.wasmtime_calls import GuestFunction, GuestGlobal, exports_of
from engine.runtime.watchdog import EndReason, Watchdog

_LOADED_BYTES = 8192
"""Of the message area of an interpreter that loads a source."""
REGION_BYTES = 4 << 20
"""A region that must grow doubles up to this size, so that few allocations serve all batches."""

_T = TypeVar("_T")


class GuestInstance:
    """Calls into one instance. An error while it is made closes it."""

    def __init__(self, module: GuestModule, watchdog: Watchdog, limits: Limits) -> None:
        self._module = module
        self._watchdog = watchdog
        self._limits = limits
        self._memory: Memory | None = None
        self._stack: GuestGlobal | None = None
        self._stack_top = 0
        self.functions: tuple[str, ...] = ()
        """Of a script."""
        self._group: GuestGlobal | None = None
        self._region: Region | None = None
        self._store = Store(module.engine)
        self._printed = PrintedText()
        self._store.set_limits(
            limits.memory_bytes, limits.table_elements, instances=module.instances, tables=8, memories=1
        )
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def function(self, name: str) -> GuestFunction:
        """An export that takes an address."""
        return self._exports.function(name, 1, 1)

    def report_reads(self) -> None:
        """Have the guest report from now on what it reads, if it can."""
        if self._module.reports_reads:
            switch = self._exports.function(abi.TRACE, 1, 0)
            self._step(abi.TRACE, lambda: switch(1))

    def region(self, size: int) -> Region:
        """A region of at least `size` bytes, the only valid one; `NoRoomError`."""
        region = self._region
        if region is None or region.size < size:
            region = self._allocate(size, region.size if region else 0)
        return region

    def watched(self, call: Callable[[], _T], region: Region | None = None, first: int = 0) -> _T:
        """The result of a call that evaluates the records of a region from `first` on, or none.

        `CallAbortedError` if it does not return.
        """
        cell = region.progress if region else None
        code: TrapCode | None = None
        try:
            if not self._watchdog.begin(self._store, cell, first):
                raise CallAbortedError(EndReason.INTERRUPTED)
            return call()
        except Trap as trap:
            code, text = trap.trap_code, ""
        except WasmtimeError as error:
            text = str(error).strip().splitlines()[-1].strip()
        finally:
            reason = self._watchdog.end()
        raise CallAbortedError(reason if code is TrapCode.INTERRUPT else None, code, text)

    def messages(self, region: Region, start: int, stop: int) -> Messages:
        """What the guest wrote and printed in the call over the records `start` to before `stop`."""
        return region.messages(start, stop, self._printed.take())

    def describe(self, aborted: CallAbortedError) -> str:
        """Why the guest trapped."""
        # Rust puts the stack below everything else, so that it runs out at address 0 and wraps around.
        spent = self._stack is not None and self._stack.get() > self._stack_top
        limit = self._limits.memory_bytes
        stack = self._module.stack_bytes
        return aborted.text or describe(
            aborted.code, memory=self.memory, limit=limit, stack=stack, stack_spent=spent
        )

    @property
    def grouped(self) -> bool:
        """Whether the current record stands for a group that a module for Fluvio was called for."""
        return self._group is not None and self._group.get() > 1

    def recover(self) -> bool:
        """Resets the stack pointer: otherwise the stack leaks until an innocent record overflows it.

        Fails if memory is nearly full: the record may have failed because of what earlier ones leaked.
        """
        if self._stack is None or nearly_full(self.memory, self._limits.memory_bytes):
            return False
        self._stack.set(self._stack_top)
        return True

    def take_state(self, other: "GuestInstance") -> None:
        """Continue as `other` would, which is an instance of the same module and has no call running.

        All that Rust keeps is in the memory, but for the stack pointer, which is the same between calls.
        """
        assert self._memory is not None, "the guest has started"
        assert other._memory is not None, "the guest has started"
        size = other.memory
        if size > self.memory:
            self._memory.grow(self._store, (size - self.memory) // PAGE_BYTES)
        ctypes.memmove(self._memory.data_ptr(self._store), other._memory.data_ptr(other._store), size)

    @property
    def memory(self) -> int:
        """Bytes of memory in use."""
        return self._memory.data_len(self._store) if self._memory else 0

    def close(self) -> None:
        """Release the instance; no region of it may be used any more."""
        self._region = None
        self._store.close()

    def _on_printed(self, text: bytes) -> None:
        self._printed.add(self._region.progress.value if self._region else 0, text)

    def _start(self) -> None:
        instance = self._step(
            "instantiation", lambda: self._module.instantiate(self._store, self._on_printed)
        )
        self._exports = exports = exports_of(self._store, instance)
        self._memory = exports.memory(abi.MEMORY)
        self._alloc = exports.function(abi.ALLOC, 1, 1)
        if self._module.resets:
            self._stack = exports.i32(abi.STACK_POINTER)
            self._stack_top = self._stack.get()
        if self._module.adapter is not None:
            self._group = exports.i32(GROUP_SIZE)
        if self._module.initializes:
            self._step(abi.INITIALIZE, exports.function(abi.INITIALIZE, 0, 0))
        self.version = self._step(abi.ABI, exports.function(abi.ABI, 0, 1))
        """Of the guest contract."""
        if self.version not in abi.VERSIONS:
            known = " or ".join(map(str, abi.VERSIONS))
            raise ContractError(
                f"{self._module.name} keeps version {self.version} of the guest contract, not {known}",
                "build it with the SDK of this program",
            )
        if self.version < abi.OUTPUTS_VERSION and self._module.kind.makes_records:
            raise ContractError(
                f"{self._module.name} is a {self._module.kind.name} and keeps version {self.version} of the "
                "guest contract, which has filters only",
                f"see docs/abi.md for version {abi.OUTPUTS_VERSION}",
            )
        script = self._module.script
        if script is not None:
            self.functions = self._load(script)
            if script.functions and script.functions != self.functions:
                raise ContractError(
                    f"{self._module.name} names other functions than it has", "build it again"
                )

    def _load(self, script: Script) -> tuple[str, ...]:
        """Hand a source to the interpreter; the functions that it found. `ScriptError` if it is refused."""
        assert self._memory is not None, "the guest has started"
        source = script.source
        room = self._exports.function(abi.SOURCE, 1, 1)
        load = self._exports.function(abi.LOAD, 0, 1)
        address = self._step(abi.SOURCE, lambda: room(len(source)))
        self._check_place(address, len(source))
        self._memory.write(self._store, source, address)
        area = self._step(abi.LOAD, load)
        self._check_place(area, _LOADED_BYTES)
        answer = messages.read(memoryview(self._memory.read(self._store, area, area + _LOADED_BYTES)), 0, 1)
        if answer.functions is None:
            raise refusal(self._module.name, answer.errors, answer.places)
        return tuple(answer.functions.split())

    def _check_place(self, address: int, size: int) -> None:
        if not 0 < address <= self.memory - size:
            raise self._module.violation(f"it placed {size} bytes at {address}")

    def _allocate(self, needed: int, current: int) -> Region:
        assert self._memory is not None, "the guest has started"
        self._region = None
        limit = self._limits.memory_bytes
        for size in sorted({needed, max(needed, min(2 * current, REGION_BYTES))}, reverse=True):
            if size <= limit and (address := self._request(size)):
                self._region = Region(self._store, self._memory, address, size, self._module.violation)
                return self._region
        text = f"needs {units.size(needed)} of memory, more than the limit of {units.size(limit)} leaves"
        raise NoRoomError(text, trapped=False)

    def _request(self, size: int) -> int:
        try:
            return self.watched(lambda: self._alloc(size))
        except CallAbortedError as error:
            if error.reason is None:
                text = f"{abi.ALLOC} trapped when asked for {units.size(size)}: {self.describe(error)}"
                raise NoRoomError(text, trapped=True) from None
            raise self.late(abi.ALLOC, error) from None

    def _step(self, name: str, call: Callable[[], _T]) -> _T:
        try:
            return self.watched(call)
        except CallAbortedError as error:
            if error.reason is None:
                text = f"{self._module.name} cannot be started: {name} {self.describe(error)}"
                raise ContractError(text) from None
            raise self.late(name, error) from None

    def late(self, name: str, error: CallAbortedError) -> Exception:
        """The error for a step before the first record that the host ended."""
        if error.reason is EndReason.INTERRUPTED:
            return error
        limit = units.duration(self._limits.start_seconds)
        return ContractError(f"{self._module.name} cannot be started: {name} took longer than {limit}")
