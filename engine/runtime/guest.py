"""A guest that keeps the batch contract of docs/abi.md: calls into it, and their results."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from wasmtime import TrapCode

from engine import units
from engine.errors import LookBackError
from engine.records.batch import Batch
from engine.records.verdicts import Verdict
from engine.runtime import abi
from engine.runtime.call_result import Abort, CallAbortedError, CallResult, NoRoomError
from engine.runtime.config import ModuleConfig
from engine.runtime.guest_instance import GuestInstance
from engine.runtime.limits import too_large
from engine.runtime.loading.module import GuestModule
from engine.runtime.memory.amplification import bounded
from engine.runtime.memory.columns import Columns, columns_of, data_bytes, leading
from engine.runtime.memory.messages import Messages
from engine.runtime.memory.output_area import InvalidOutputsError, OutputColumns
from engine.runtime.memory.region import Region
from engine.runtime.parameters import initialize, look_back_bounds
from engine.runtime.trap_messages import with_limit
from engine.runtime.wasmtime_calls import GuestFunction
from engine.runtime.watchdog import EndReason, Watchdog

LOAD_BYTES = 2 << 20
"""Bytes of records that are copied in at once: evaluating is fastest below 2 MB."""
SPARE_OUTPUT_BYTES = 64 << 10
"""Room for outputs beyond twice the size of the records, which is enough for most."""

_TEARING = frozenset({TrapCode.INTERRUPT, TrapCode.STACK_OVERFLOW, TrapCode.MEMORY_OUT_OF_BOUNDS})
"""Traps that may strike in the middle of an allocation; a panic or an abort is not raised in there."""
_LOOK_BACK_RESULTS = bytes((Verdict.PASS, Verdict.ERROR))


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A function that is called over records."""

    function: GuestFunction
    results: bytes
    """The bytes that it may write as results."""
    makes_records: bool


class Guest:
    """An instance of a module, with at most one batch loaded. Belongs to one thread at a time.

    The version of the contract that it keeps decides what it is given.
    """

    used = False
    """Whether it has evaluated anything."""

    def __init__(
        self,
        module: GuestModule,
        watchdog: Watchdog,
        config: ModuleConfig,
        state: GuestInstance | None = None,
    ) -> None:
        """Begin, or continue with another instance's state; `InitError` if the parameters are refused."""
        self._module = module
        self._watchdog = watchdog
        self._config = config
        self._limits = config.limits
        self._instance = GuestInstance(module, watchdog, config.limits)
        self._version = self._instance.version
        self._loaded: tuple[Batch, Columns] | None = None
        self._outputs_size = 0
        """Bytes for outputs that calls so far have needed."""
        self._accumulator_size = 0
        kind = module.kind
        function = self._instance.function(kind.export)
        self._region: Region | None = None
        self._entry = self._kind = _Entry(function, kind.results, kind.makes_records)
        self._bounds = look_back_bounds(config.look_back, self._version)
        try:
            if state is not None:
                self._instance.take_state(state)
                return
            if module.takes_parameters:
                initialize(self._instance, module, config)
            if config.traced:
                self._instance.report_reads()
        except BaseException:
            self.close()
            raise

    def load(self, batch: Batch) -> int:
        """Copy leading records in, at least one; returns how many. `NoRoomError` if none fit.

        A version-1 guest gets a run of consecutive offsets, since it derives them from the first one.
        """
        if self._version < abi.SPARSE_VERSION:
            batch = batch.slice(0, batch.first_run())
        columns = columns_of(batch, self._version)
        if data_bytes(columns) > LOAD_BYTES:
            batch = batch.slice(0, leading(batch.records, LOAD_BYTES))
            columns = columns_of(batch, self._version)
        self._loaded = batch, columns
        try:
            self._write(self._outputs_size)
        except NoRoomError as error:
            error.records = len(batch)
            self._outputs_size = 0
            raise
        return len(batch)

    def make_room(self, size: int) -> None:
        """Let the outputs of one call take this many bytes; `NoRoomError`. The batch stays loaded."""
        # Doubled, so that a guest that asks again and again reaches the limit soon.
        self._outputs_size = max(size, 2 * self._outputs_size)
        self._write(self._outputs_size)

    def evaluate(self, start: int, stop: int, accumulator: bytes = b"") -> CallResult:
        """Evaluate the loaded records `start` to before `stop`, or the first of them.

        An aggregate continues from `accumulator`; `NoRoomError` if there is no room for it.
        `ContractError` if the guest violates its contract; then it must not be used again.
        """
        region = self._prepared(start, stop, accumulator)
        aborted: CallAbortedError | None = None
        try:
            # Records of a look-back are not evaluated again: a call over them may last.
            first = start if self._entry is self._kind else abi.NO_RECORD
            reached = self._instance.watched(lambda: self._entry.function(region.address), region, first)
        except CallAbortedError as error:
            aborted = error
            reached = self._current_record(region, error, start, stop)
        needed = 0
        if aborted is None and not start < reached <= stop:
            needed = self._needed(region, start, stop, reached)
        results = region.results(start, reached)
        if results.translate(None, self._entry.results):
            raise self._module.violation("it wrote an invalid result byte")
        outputs = self._outputs(region, results, start, reached, complete=aborted is None)
        messages = self._instance.messages(region, start, stop)
        if outputs and self._module.kind.several:
            outputs, results = self._bounded(outputs, results, start, messages)
        if aborted is None:
            if outputs is not None:
                self._outputs_size = region.outputs_size * (1 if reached == stop else 2)
            return CallResult(reached, results, messages, outputs=outputs, needed=needed)
        abort = Abort(
            reason=aborted.reason,
            text=self._instance.describe(aborted),
            silent=aborted.code is TrapCode.UNREACHABLE and reached not in messages.panics,
            grouped=self._instance.grouped,
            heap_torn=aborted.code in _TEARING,
        )
        return CallResult(reached, results, messages, abort, outputs)

    def look_back(self, batches: Sequence[Batch]) -> None:
        """Show it stored records, before it evaluates anything; `LookBackError`."""
        if not self._module.looks_back:
            return
        self._entry = _Entry(self._instance.function(abi.LOOK_BACK), _LOOK_BACK_RESULTS, makes_records=False)
        for batch in batches:
            rest = batch
            while len(rest):
                rest = rest.slice(self._look_back(rest), len(rest))
        self._entry = self._kind
        self.used = False

    def moved_to(self, module: GuestModule) -> "Guest":
        """An instance in the same state, of its module compiled otherwise; nothing is loaded in it.

        `CallAbortedError` if it was interrupted.
        """
        moved = Guest(module, self._watchdog, self._config, self._instance)
        moved.used = self.used
        return moved

    def recover(self) -> bool:
        """Make ready to continue after a call that did not return; False if only a fresh instance can."""
        return self._instance.recover()

    @property
    def memory(self) -> int:
        """Bytes of memory in use."""
        return self._instance.memory

    def close(self) -> None:
        self._instance.close()

    def _write(self, outputs_size: int) -> None:
        """Copy the batch in, with room for outputs."""
        assert self._loaded is not None, "a batch is loaded"
        batch, columns = self._loaded
        if self._entry.makes_records:
            usual = 2 * data_bytes(columns) + abi.OUTPUT_ENTRY_BYTES * len(batch) + SPARE_OUTPUT_BYTES
            # Never more than one record may need, so that the limit does not depend on records before it.
            outputs_size = abi.aligned(min(max(outputs_size, usual), self._limits.output_bytes))
        else:
            outputs_size = 0
        layout = abi.layout(columns, outputs_size=outputs_size, accumulator_size=self._accumulator_size)
        self._region = None
        region = self._instance.region(layout.size)
        header = abi.header(region.address, layout, self._version, batch, look_back=self._bounds)
        region.write(columns, layout, header)
        self._region = region

    def _prepared(self, start: int, stop: int, accumulator: bytes) -> Region:
        self.used = True
        if len(accumulator) > self._accumulator_size:
            self._accumulator_size = abi.aligned(2 * len(accumulator))
            self._write(self._outputs_size)
        assert self._region is not None, "a batch is loaded"
        self._region.prepare(start, stop, accumulator)
        return self._region

    def _look_back(self, batch: Batch) -> int:
        """Show the guest some stored records; how many."""
        try:
            loaded = self.load(batch)
        except NoRoomError as error:
            raise LookBackError(self._module.name, f"a batch {error.text}") from None
        start = 0
        while start < loaded:
            done = self.evaluate(start, loaded)
            failed = done.results.find(Verdict.ERROR)
            if failed >= 0:
                text = done.messages.errors.get(start + failed) or "returned an error without a text"
                raise LookBackError(self._module.name, text)
            if done.abort is not None:
                raise self._look_back_error(done, done.abort)
            start = done.reached
        return loaded

    def _look_back_error(self, done: CallResult, abort: Abort) -> Exception:
        if abort.reason is EndReason.INTERRUPTED:
            return CallAbortedError(abort.reason)
        if abort.reason is not None:
            text = f"a record took longer than {units.duration(self._limits.record_seconds)}"
            return LookBackError(self._module.name, text)
        text = with_limit(done.messages.panics.get(done.reached) or abort.text, self._limits.memory_bytes)
        return LookBackError(self._module.name, text, str(done.messages.places.get(done.reached, "")))

    def _needed(self, region: Region, start: int, stop: int, reached: int) -> int:
        needed = region.needed
        if reached != start or not needed:
            raise self._module.violation(f"it was given records {start} to {stop} and returned {reached}")
        if needed <= region.outputs_size:
            size = region.outputs_size
            raise self._module.violation(
                f"it had {size} bytes for outputs and says that {needed} are too many"
            )
        self._outputs_size = region.outputs_size
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

    def _bounded(
        self, outputs: OutputColumns, results: bytes, start: int, messages: Messages
    ) -> tuple[OutputColumns, bytes]:
        assert self._loaded is not None, "a batch is loaded"
        limit = self._limits.output_bytes
        outputs, refused = bounded(outputs, self._loaded[1], limit)
        if refused:
            changed = bytearray(results)
            for index, size in refused.items():
                changed[index - start] = Verdict.ERROR
                messages.errors[index] = too_large(size, limit)
            results = bytes(changed)
        return outputs, results

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
        trap = self._instance.describe(aborted)
        raise self._module.violation(f"it {trap} before its progress cell named a record")
