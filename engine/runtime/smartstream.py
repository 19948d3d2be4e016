"""Runs a SmartStream: evaluates batches within limits, and continues after faults."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Self

from engine.errors import ContractError, SmartStreamError, StartError, TooManyFaultsError
from engine.process.job import Job
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Read
from engine.records.transform import Transform
from engine.records.verdicts import Verdict
from engine.runtime.batch_result import BatchResult
from engine.runtime.call_result import Abort, CallAbortedError, CallResult, NoRoomError
from engine.runtime.call_size import CallSize
from engine.runtime.config import ModuleConfig
from engine.runtime.guest import Guest
from engine.runtime.instances import Instances
from engine.runtime.limits import too_large
from engine.runtime.loading.compile import load_module, load_quickly
from engine.runtime.watchdog import EndReason, Watchdog

OUTPUT_BYTES = 64 << 20
"""Bytes of outputs after which `evaluate` returns, so that memory stays bounded."""

_LOG = logging.getLogger(__name__)


class SmartStream(Transform):
    """User code compiled to WebAssembly, ready to evaluate.

    `evaluate` may be called from any thread, one call at a time; `interrupt` and `close` from any thread
    at any time. State that the user's code keeps lasts from call to call, until an instance is replaced
    after a fault (see `restarts`).
    """

    def __init__(
        self,
        wasm: bytes,
        *,
        config: ModuleConfig | None = None,
        name: str = "",
        foreign: bool = False,
        quick: bool = False,
        job: Job | None = None,
    ) -> None:
        """Compile and check a module; `ContractError` naming what is wrong if it breaks the contract.

        `InitError` if the user's code refuses the parameters in `config`.
        A `foreign` module is untrusted: it is compiled in a process of its own, within limits.
        Others, if `quick`, run in baseline code until their optimized code is ready.
        Cancelling `job` means that the module is no longer wanted: `SupersededError`.
        """
        self.name = name
        self.config = config or ModuleConfig()
        self._limits = self.config.limits
        what = wasm, self._limits, name or "the module"
        loaded = load_quickly(*what) if quick and not foreign else None
        module, optimizing = loaded or (load_module(*what, foreign=foreign, job=job), None)
        self._watchdog = Watchdog(module.engine, self._limits)
        self._instances = Instances(module, self._watchdog, self.config, name=name, optimizing=optimizing)
        self.reads: list[Read] = []
        """What was read so far, if it is traced."""
        self._lock = threading.Lock()
        self._closing = False
        self._freed = False
        self._call_size = CallSize()
        self._accumulators: dict[int, bytes] = {}
        self._faults_in_a_row = 0
        try:
            self._instances.present()
        except BaseException:
            self._free()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """A budget always covers one record.

        After a `ContractError` or a `StartError` the SmartStream is closed, and none of these records counts
        as evaluated. After `Limits.faults_in_a_row` it stops: the records with the faults have been
        evaluated, those after them have not, and every call from then on raises `stopped`, until `resume`.
        """
        with self._lock:
            self._check_open()
            if self.stopped is not None:
                raise self.stopped
            started = time.perf_counter()
            result = BatchResult(self._instances.module.kind, batch)
            try:
                self._instances.optimize()
                self._evaluate(batch, result, None if budget is None else started + budget)
            except CallAbortedError:
                self._instances.replace()
            except (ContractError, StartError) as error:
                _LOG.info("stopped: %s", error)
                self._free()
                raise
            if result.evaluated < len(batch):
                self._watchdog.take_interruption()
            # Not before: it would keep the first results waiting.
            self._instances.begin_to_optimize()
            return result.evaluation(time.perf_counter() - started)

    def look_back(self, batches: Sequence[Batch]) -> None:
        """Show stored records, oldest first, to this instance and to each that replaces it.

        Nothing happens if the module does not look back. After a `LookBackError` the SmartStream is closed.
        """
        with self._lock:
            self._check_open()
            try:
                self._instances.look_back(batches)
            except CallAbortedError:
                # Interrupted: the next `evaluate` begins with a fresh instance.
                self._instances.drop()
            except (ContractError, StartError):
                self._free()
                raise

    @property
    def accumulators(self) -> dict[int, bytes]:
        return self._accumulators

    @property
    def restarts(self) -> int:
        """Instances replaced after faults: each time, state that the user's code kept was lost."""
        return self._instances.replaced

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self._instances.module.kind.name

    @property
    def folds(self) -> bool:
        return self._instances.module.kind.folds

    @property
    def reports_reads(self) -> bool:
        """Whether it can be traced."""
        return self._instances.module.reports_reads

    @property
    def looks_back(self) -> bool:
        """Whether `look_back` does anything."""
        return self._instances.module.looks_back

    @property
    def memory(self) -> int:
        """Waits for a running `evaluate`."""
        with self._lock:
            return self._instances.memory

    @property
    def optimized(self) -> bool:
        """Whether it runs in optimized code, which takes one that is `quick` some records."""
        return self._instances.optimized

    @property
    def calls(self) -> int:
        """Timed calls into instances so far, the running one included."""
        return self._watchdog.calls

    @property
    def stopped(self) -> TooManyFaultsError | None:
        """Why it no longer evaluates, if it was stopped after too many faults in a row."""
        limit = self._limits.faults_in_a_row
        if limit is None or self._faults_in_a_row < limit:
            return None
        return TooManyFaultsError(self.name or "the SmartStream", limit)

    def resume(self) -> None:
        """Evaluate again after it was stopped, and count faults from 0."""
        with self._lock:
            self._faults_in_a_row = 0

    def renew(self) -> None:
        """Continue with a fresh instance, as if nothing had been evaluated. It must not be closed."""
        with self._lock:
            self._instances.renew()
            self._faults_in_a_row = 0
            self._accumulators.clear()
            self.reads = []

    def interrupt(self) -> None:
        """If limits are not timed, `evaluate` ends once the guest returns."""
        self._watchdog.interrupt()

    def close(self) -> None:
        self._closing = True
        self._watchdog.interrupt()
        with self._lock:
            self._free()

    def _evaluate(self, batch: Batch, result: BatchResult, deadline: float | None) -> None:
        while self._continues(result, len(batch)):
            guest = self._instances.present()
            first = result.evaluated
            stop = first + self._load(guest, batch, result)
            while self._instances.is_present(guest) and self._continues(result, stop):
                self._call(guest, batch, result, first, stop)
                late = deadline is not None and time.perf_counter() >= deadline
                if result.evaluated and (late or result.output_bytes >= OUTPUT_BYTES):
                    return
            if first < stop == result.evaluated and self._instances.is_present(guest):
                self._instances.load_size.used_up()

    def _continues(self, result: BatchResult, stop: int) -> bool:
        return result.evaluated < stop and not self._watchdog.interrupted and self.stopped is None

    def _load(self, guest: Guest, batch: Batch, result: BatchResult) -> int:
        """Copy the next records in; how many, 0 if the guest had no room for them."""
        first = result.evaluated
        stop = min(first + self._instances.load_size.records, len(batch))
        try:
            return guest.load(batch.slice(first, stop))
        except NoRoomError as error:
            if error.trapped or (guest.used and error.records == 1):
                self._instances.replace()
            if error.records > 1:
                self._instances.load_size.refused(error.records)
            elif not guest.used:
                result.add_fault(Verdict.TRAP, error.text, None, [])
                self._faults_in_a_row += 1
            return 0

    def _call(self, guest: Guest, batch: Batch, result: BatchResult, first: int, stop: int) -> None:
        """Evaluate some of the loaded records, which are those of the batch from `first` to before `stop`."""
        start = result.evaluated - first
        began = time.perf_counter()
        accumulator = self._accumulator(batch.partition)
        try:
            done = guest.evaluate(start, min(start + self._call_size.records, stop - first), accumulator)
        except NoRoomError as error:
            self._refuse(result, f"the accumulator does not fit: its batch {error.text}")
            return
        seconds = time.perf_counter() - began
        result.add(done, first)
        if self.config.traced:
            self.reads += done.messages.reads
        if self._instances.module.kind.folds and done.outputs:
            value = done.outputs.last_value()
            self._accumulators[batch.partition] = (
                batch.value(result.evaluated - 1) or b"" if value is None else value
            )
        if done.results:
            self._faults_in_a_row = 0
        if done.abort is None or done.abort.reason is EndReason.CALL_TIMEOUT:
            self._call_size.measured(len(done.results), seconds)
        if done.needed:
            self._make_room(guest, result, done.needed)
        if done.abort is not None:
            self._go_on(result, done, done.abort)

    def _go_on(self, result: BatchResult, done: CallResult, abort: Abort) -> None:
        """After a call that did not return."""
        if abort.grouped:
            # The records of the group are evaluated again, one by one.
            self._call_size = CallSize()
        if self._instances.after_abort(done, abort):
            result.add_abort(done, abort, self._limits)
            self._faults_in_a_row += 1

    def _make_room(self, guest: Guest, result: BatchResult, needed: int) -> None:
        """For the outputs of the next record, or it gets an error."""
        limit = self._limits.output_bytes
        if needed > limit:
            result.add_error(too_large(needed, limit))
            return
        try:
            guest.make_room(needed)
        except NoRoomError as error:
            self._refuse(result, f"its outputs do not fit: the batch {error.text}")

    def _refuse(self, result: BatchResult, why: str) -> None:
        """The guest has no memory for what goes with the next record."""
        result.add_error(why)
        self._instances.replace()

    def _accumulator(self, partition: int) -> bytes:
        if not self._instances.module.kind.folds:
            return b""
        return self._accumulators.get(partition, self.config.aggregate_initial)

    def _check_open(self) -> None:
        if self._closing or self._freed:
            raise SmartStreamError(f"{self.name or 'the SmartStream'} is closed")

    def _free(self) -> None:
        if self._freed:
            return
        self._freed = True
        # First of all, since it reads guest memory.
        self._watchdog.close()
        self._instances.close()
