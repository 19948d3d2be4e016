"""A guest that keeps the batch contract of docs/abi.md: calls into it, and their results."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from wasmtime import Instance, Memory, Store, Trap, TrapCode, WasmtimeError

from engine import units
from engine.errors import ContractError
from engine.records.batch import Batch
from engine.runtime import abi
from engine.runtime.columns import Columns, columns_of, data_bytes, leading
from engine.runtime.config import ModuleConfig
from engine.runtime.guest import Abort, CallAbortedError, CallResult, Guest, NoRoomError
from engine.runtime.module import GuestModule
from engine.runtime.output_area import InvalidOutputsError, OutputColumns
from engine.runtime.region import Region
from engine.runtime.traps import describe, nearly_full
from engine.runtime.wasmtime_calls import GuestGlobal, exports_of
from engine.runtime.watchdog import EndReason, Watchdog

LOAD_BYTES = 2 << 20
"""Bytes of records that are copied in at once: evaluating is fastest below 2 MB."""
REGION_BYTES = 4 << 20
"""A region that must grow doubles up to this size, so that few allocations serve all batches."""

SPARE_OUTPUT_BYTES = 64 << 10
"""Room for outputs beyond twice the size of the records, which is enough for most."""

_TEARING = frozenset({TrapCode.INTERRUPT, TrapCode.STACK_OVERFLOW, TrapCode.MEMORY_OUT_OF_BOUNDS})
"""Traps that may strike in the middle of an allocation; a panic or an abort is not raised in there."""

_T = TypeVar("_T")


class BatchGuest(Guest):
    """An instance of a module that exports `smartstream_abi`; its version decides what it is given."""

    def __init__(self, module: GuestModule, watchdog: Watchdog, config: ModuleConfig) -> None:
        self._module = module
        self._watchdog = watchdog
        self._limits = limits = config.limits
        self._memory: Memory | None = None
        self._stack: GuestGlobal | None = None
        self._stack_top = 0
        self._region: Region | None = None
        self._loaded: tuple[Batch, Columns] | None = None
        self._outputs_size = 0
        """Bytes for outputs that calls so far have needed."""
        self._store = Store(module.engine)
        self._store.set_limits(limits.memory_bytes, limits.table_elements, instances=1, tables=8, memories=1)
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def load(self, batch: Batch) -> int:
        """A version-1 guest gets a run of consecutive offsets, since it derives them from the first one."""
        if self._version < abi.SPARSE_VERSION:
            batch = batch.slice(0, batch.run_end(0))
        columns = columns_of(batch, self._version)
        if data_bytes(columns) > LOAD_BYTES:
            batch = batch.slice(0, leading(batch.records, LOAD_BYTES))
            columns = columns_of(batch, self._version)
        self._loaded = batch, columns
        default = 0
        if self._module.kind.makes_records:
            default = 2 * data_bytes(columns) + abi.OUTPUT_ENTRY_BYTES * len(batch) + SPARE_OUTPUT_BYTES
        try:
            self._write(max(default, self._outputs_size))
        except NoRoomError as error:
            error.records = len(batch)
            self._outputs_size = 0
            raise
        return len(batch)

    def make_room(self, size: int) -> None:
        assert self._region is not None, "a batch is loaded"
        # Doubled, so that a guest that asks again and again reaches the limit soon.
        self._outputs_size = max(size, 2 * self._region.outputs_size)
        self._write(self._outputs_size)

    def _write(self, outputs_size: int) -> None:
        assert self._loaded is not None, "a batch is loaded"
        batch, columns = self._loaded
        # Never larger than what one record may need, so that the limit does not depend on records before it.
        outputs_size = abi.aligned(min(outputs_size, self._limits.output_bytes))
        layout = abi.layout(columns, outputs_size=outputs_size)
        region = self._region
        if region is None or region.size < layout.size:
            region = self._allocate(layout.size, region.size if region else 0)
        region.write(columns, layout, batch, self._version)

    def evaluate(self, start: int, stop: int) -> CallResult:
        region = self._region
        assert region is not None, "a batch is loaded"
        region.prepare(start, stop)
        self.used = True
        aborted: CallAbortedError | None = None
        try:
            reached = self._watched(lambda: self._evaluate(region.address), region, start)
        except CallAbortedError as error:
            aborted = error
            reached = self._current_record(region, error, start, stop)
        needed = 0
        if aborted is None and not start < reached <= stop:
            needed = self._needed(region, start, stop, reached)
        results = region.results(start, reached)
        if results.translate(None, self._module.kind.results):
            raise self._module.violation("it wrote an invalid result byte")
        outputs = self._outputs(region, results, start, reached, complete=aborted is None)
        messages = region.messages(start, stop)
        if aborted is None:
            if outputs is not None and reached < stop:
                self._outputs_size = 2 * region.outputs_size
            return CallResult(reached, results, messages, outputs=outputs, needed=needed)
        abort = Abort(
            reason=aborted.reason,
            text=self._describe(aborted),
            silent=aborted.code is TrapCode.UNREACHABLE and reached not in messages.panics,
            heap_torn=aborted.code in _TEARING,
        )
        return CallResult(reached, results, messages, abort, outputs)

    def recover(self) -> bool:
        """Resets the stack pointer: otherwise the stack leaks until an innocent record overflows it.

        Fails if memory is nearly full: the record may have failed because of what earlier ones leaked.
        """
        if self._stack is None or nearly_full(self.memory, self._limits.memory_bytes):
            return False
        self._stack.set(self._stack_top)
        return True

    @property
    def memory(self) -> int:
        return self._memory.data_len(self._store) if self._memory else 0

    def close(self) -> None:
        self._region = None
        self._store.close()

    def _needed(self, region: Region, start: int, stop: int, reached: int) -> int:
        needed = region.needed
        if reached != start or not needed:
            raise self._module.violation(f"it was given records {start} to {stop} and returned {reached}")
        if needed <= region.outputs_size:
            size = region.outputs_size
            raise self._module.violation(
                f"it had {size} bytes for outputs and says that {needed} are too many"
            )
        return needed

    def _outputs(
        self, region: Region, results: bytes, start: int, reached: int, *, complete: bool
    ) -> OutputColumns | None:
        try:
            outputs = region.outputs(start, reached, complete=complete)
        except InvalidOutputsError as error:
            raise self._module.violation(str(error)) from None
        if outputs is not None and not self._module.kind.agree(results, outputs.sources - np.int32(start)):
            raise self._module.violation("its results and its outputs do not agree")
        return outputs

    def _start(self) -> None:
        instance = self._step("instantiation", lambda: Instance(self._store, self._module.module, []))
        exports = exports_of(self._store, instance)
        self._memory = exports.memory(abi.MEMORY)
        self._alloc = exports.function(abi.ALLOC, 1, 1)
        self._evaluate = exports.function(self._module.kind.export, 1, 1)
        if self._module.resets:
            self._stack = exports.i32(abi.STACK_POINTER)
            self._stack_top = self._stack.get()
        if self._module.initializes:
            self._step(abi.INITIALIZE, exports.function(abi.INITIALIZE, 0, 0))
        self._version = self._step(abi.ABI, exports.function(abi.ABI, 0, 1))
        if self._version not in abi.VERSIONS:
            known = " or ".join(map(str, abi.VERSIONS))
            raise ContractError(
                f"{self._module.name} keeps version {self._version} of the guest contract, not {known}",
                "build it with the SDK of this program",
            )
        if self._version < abi.OUTPUTS_VERSION and self._module.kind.makes_records:
            raise ContractError(
                f"{self._module.name} is a {self._module.kind.name} and keeps version {self._version} of the "
                "guest contract, which has filters only",
                f"see docs/abi.md for version {abi.OUTPUTS_VERSION}",
            )

    def _allocate(self, needed: int, current: int) -> Region:
        assert self._memory is not None, "the guest has started"
        self._region = None
        limit = self._limits.memory_bytes
        for size in sorted({needed, max(needed, min(2 * current, REGION_BYTES))}, reverse=True):
            if size <= limit and (address := self._request(size)):
                self._region = Region(self._store, self._memory, address, size, self._module)
                return self._region
        text = f"needs {units.size(needed)} of memory, more than the limit of {units.size(limit)} leaves"
        raise NoRoomError(text, trapped=False)

    def _request(self, size: int) -> int:
        try:
            return self._watched(lambda: self._alloc(size))
        except CallAbortedError as error:
            if error.reason is None:
                text = f"{abi.ALLOC} trapped when asked for {units.size(size)}: {self._describe(error)}"
                raise NoRoomError(text, trapped=True) from None
            raise self._late(abi.ALLOC, error) from None

    def _step(self, name: str, call: Callable[[], _T]) -> _T:
        try:
            return self._watched(call)
        except CallAbortedError as error:
            if error.reason is None:
                text = f"{self._module.name} cannot be started: {name} {self._describe(error)}"
                raise ContractError(text) from None
            raise self._late(name, error) from None

    def _late(self, name: str, error: CallAbortedError) -> Exception:
        if error.reason is EndReason.INTERRUPTED:
            return error
        limit = units.duration(self._limits.start_seconds)
        return ContractError(f"{self._module.name} cannot be started: {name} took longer than {limit}")

    def _watched(self, call: Callable[[], _T], region: Region | None = None, first: int = 0) -> _T:
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

    def _current_record(self, region: Region, aborted: CallAbortedError, start: int, stop: int) -> int:
        if aborted.reason is EndReason.PROGRESS_WENT_BACK:
            raise self._module.violation("its progress cell went back")
        if aborted.reason is EndReason.START_TIMEOUT:
            limit = units.duration(self._limits.start_seconds)
            raise self._module.violation(f"it reached no record within {limit}")
        reached = region.progress.value
        if start <= reached < stop:
            return reached
        if reached != abi.NO_RECORD:
            raise self._module.violation(
                f"it was given records {start} to {stop} and its progress cell says {reached}"
            )
        if aborted.reason is EndReason.INTERRUPTED:
            return start
        raise self._module.violation(f"it {self._describe(aborted)} before its progress cell named a record")

    def _describe(self, aborted: CallAbortedError) -> str:
        # Rust puts the stack below everything else, so that it runs out at address 0 and wraps around.
        spent = self._stack is not None and self._stack.get() > self._stack_top
        limit = self._limits.memory_bytes
        return aborted.text or describe(aborted.code, memory=self.memory, limit=limit, stack_spent=spent)
