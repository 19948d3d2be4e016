"""Runs a SmartStream: evaluates batches within limits, and goes on after faults."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from engine import units
from engine.errors import ContractError, SmartStreamError, TooManyFaultsError
from engine.process import Job
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Verdict
from engine.runtime import abi
from engine.runtime.batch_guest import Guest, NoRoomError, Round, Stop, StoppedError
from engine.runtime.batch_result import Tally
from engine.runtime.call_size import Pace
from engine.runtime.columns import columns_of, leading
from engine.runtime.compile import load_module
from engine.runtime.config import ModuleConfig
from engine.runtime.fault_attribution import Suspicion
from engine.runtime.traps import with_limit
from engine.runtime.watchdog import End, Watchdog

WINDOW_RECORDS = 1 << 14
WINDOW_BYTES = 2 << 20
"""Records, and bytes of them, that are copied in at once: evaluating is fastest below 2 MB."""
FIRST_WINDOW = 64
"""Records copied into a fresh instance after a fault: the next fault may make the copy worthless."""
WINDOW_GROWTH = 4
STOPS_PER_INSTANCE = 64
"""Calls that may trap in one instance: each leaks what the guest had in hand, and may leave worse."""

_LOG = logging.getLogger(__name__)


class SmartStream:
    """User logic compiled to WebAssembly, ready to evaluate.

    `evaluate` may be called from any thread, one call at a time; `interrupt` and `close` from any thread
    at any time. State that the user's code keeps lasts from call to call, until an instance is given up
    after a fault (see `restarts`).
    """

    def __init__(
        self,
        wasm: bytes,
        *,
        config: ModuleConfig | None = None,
        name: str = "",
        foreign: bool = False,
        job: Job | None = None,
    ) -> None:
        """Compile and check a module; `ContractError` naming what is wrong where it breaks the contract.

        A `foreign` one may come from others: it is compiled in a process of its own, within limits. Whoever
        cancels `job` does not want it any more, and may get a `SupersededError` from here.
        """
        self.name = name
        self.config = config or ModuleConfig()
        self.restarts = 0
        """Instances given up after faults: as often, state that the user's code kept was lost."""
        self._module = load_module(wasm, self.config.limits, name or "the module", foreign=foreign, job=job)
        self._watchdog = Watchdog(self._module.engine, self.config.limits)
        self._lock = threading.Lock()
        self._closing = False
        self._freed = False
        self._pace = Pace()
        self._window = WINDOW_RECORDS
        self._guest: Guest | None = None
        self._faults_in_a_row = 0
        self._suspicion = Suspicion()
        self._stops = 0
        self._told = 0
        self._stops_per_instance = STOPS_PER_INSTANCE
        try:
            self._guest = Guest(self._module, self._watchdog, self.config)
            self._check_version(self._guest)
        except BaseException:
            self._free()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """Evaluate a batch, or its first records where `budget` seconds are spent or `interrupt` is called.

        Go on with `batch.slice(evaluation.evaluated, len(batch))`. A budget always covers one record.
        `ContractError` where the module breaks the contract; then the SmartStream is closed, and none of
        these records counts as evaluated. `SmartStreamError` where it is closed already.

        After `Limits.faults_in_a_row` it stops: the records with the faults have been evaluated, those behind
        them have not, and every call from then on is answered with `stopped`, until `resume`.
        """
        with self._lock:
            if self._closing or self._freed:
                raise SmartStreamError(f"{self.name or 'the SmartStream'} is closed")
            if self.stopped is not None:
                raise self.stopped
            started = time.perf_counter()
            tally = Tally(len(batch))
            try:
                self._evaluate(batch, tally, None if budget is None else started + budget)
            except StoppedError:
                self._give_up()
            except ContractError as error:
                _LOG.info("stopped: %s", error)
                self._free()
                raise
            if tally.evaluated < len(batch):
                self._watchdog.take_interruption()
            return tally.evaluation(time.perf_counter() - started)

    @property
    def memory(self) -> int:
        """Bytes of memory that its instance has now; 0 where it has none. Waits for a running `evaluate`."""
        with self._lock:
            return 0 if self._freed or self._guest is None else self._guest.memory_size()

    @property
    def stopped(self) -> TooManyFaultsError | None:
        """Why it evaluates no more, where it was stopped after too many faults in a row."""
        limit = self.config.limits.faults_in_a_row
        if limit is None or self._faults_in_a_row < limit:
            return None
        return TooManyFaultsError(self.name or "the SmartStream", limit)

    def resume(self) -> None:
        """Evaluate again after it was stopped, and count faults from none."""
        with self._lock:
            self._faults_in_a_row = 0

    def renew(self) -> None:
        """Evaluate with a fresh instance from now on, as if nothing had been evaluated; it was not closed."""
        with self._lock:
            guest, self._guest = self._guest, None
            if guest is not None:
                guest.close()
            self._faults_in_a_row = self.restarts = 0

    def interrupt(self) -> None:
        """End the running `evaluate` now, its record in hand PENDING; where none runs, the next one.

        Where limits are not timed, `evaluate` ends once the guest returns.
        """
        self._watchdog.interrupt()

    def close(self) -> None:
        """End a running `evaluate` and let go of everything. May be called again."""
        self._closing = True
        self._watchdog.interrupt()
        with self._lock:
            self._free()

    def _check_version(self, guest: Guest) -> None:
        version = guest.version()
        if version != abi.VERSION:
            raise ContractError(
                f"{self._module.name} keeps version {version} of the guest contract, not {abi.VERSION}",
                "build it with the SDK of this program",
            )

    def _evaluate(self, batch: Batch, tally: Tally, deadline: float | None) -> None:
        while self._goes_on(tally, len(batch)):
            guest = self._guest or self._renew()
            first = tally.evaluated
            stop = first + self._load(guest, batch, tally)
            while self._guest is guest and self._goes_on(tally, stop):
                self._round(guest, tally, first, stop)
                if deadline is not None and tally.evaluated and time.perf_counter() >= deadline:
                    return
            if first < stop == tally.evaluated and self._guest is guest:
                self._window = min(self._window * WINDOW_GROWTH, WINDOW_RECORDS)

    def _goes_on(self, tally: Tally, stop: int) -> bool:
        return tally.evaluated < stop and not self._watchdog.interrupted and self.stopped is None

    def _load(self, guest: Guest, batch: Batch, tally: Tally) -> int:
        """Copy the next records in; how many, 0 where the guest had no room for them."""
        first = tally.evaluated
        # A guest derives offsets from the first one.
        most = min(self._window, batch.run_end(first) - first)
        records = leading(batch.records.slice(first, most), WINDOW_BYTES)
        count = records.num_rows
        try:
            guest.load(columns_of(records), batch.offset(first), batch.partition)
        except NoRoomError as error:
            if error.trapped or (guest.used and count == 1):
                self._give_up()
            if count > 1:
                self._window = min(self._window, count // WINDOW_GROWTH or 1)
            elif not guest.used:
                tally.blame(Verdict.TRAP, error.text, None, [])
                self._faults_in_a_row += 1
            return 0
        return count

    def _round(self, guest: Guest, tally: Tally, first: int, stop: int) -> None:
        """Evaluate some of the loaded records, which are those of the batch from `first` to before `stop`."""
        start = tally.evaluated - first
        began = time.perf_counter()
        done = guest.evaluate(start, min(start + self._pace.records, stop - first))
        seconds = time.perf_counter() - began
        tally.add(done.verdicts, done.messages, first)
        if done.verdicts:
            self._faults_in_a_row = 0
        if done.stop is None or done.stop.end is End.CALL:
            self._pace.ran(len(done.verdicts), seconds)
        if done.stop is not None:
            self._stopped(guest, tally, done, done.stop)

    def _stopped(self, guest: Guest, tally: Tally, done: Round, stop: Stop) -> None:
        # Where only the SDK's hook tells of panics, Rust 1.63 calls it for an instance's first two alone.
        muted = stop.silent and self._told > 0
        if muted:
            self._stops_per_instance = min(self._stops_per_instance, self._told)
        # Evaluated again in a fresh instance, as where it is muted.
        doubtful = stop.end is None and self._stops > 0 and self._suspicion.doubts(done, stop)
        if stop.end in (None, End.RECORD) and not muted and not doubtful:
            self._blame(tally, done, stop)
        self._stops += 1
        spent = muted or doubtful or stop.torn or self._stops >= self._stops_per_instance
        if spent or not guest.recover():
            self._give_up()

    def _blame(self, tally: Tally, done: Round, stop: Stop) -> None:
        record, messages = done.reached, done.messages
        said = messages.panics.get(record) or stop.text
        verdict, message = Verdict.TRAP, with_limit(said, self.config.limits.memory_bytes)
        if stop.end is End.RECORD:
            verdict = Verdict.TIMEOUT
            message = f"took longer than {units.duration(self.config.limits.record_seconds)}"
        self._told += record in messages.panics
        if not self._stops:
            self._suspicion.trapped_afresh(done, stop)
        lines = [text for index, text in messages.lines if index == record]
        tally.blame(verdict, message, messages.places.get(record), lines)
        self._faults_in_a_row += 1

    def _renew(self) -> Guest:
        self._guest = Guest(self._module, self._watchdog, self.config)
        self._stops = self._told = 0
        return self._guest

    def _give_up(self) -> None:
        """Let go of the instance; the next records get a fresh one."""
        guest, self._guest = self._guest, None
        self._window = FIRST_WINDOW
        if guest is not None:
            self.restarts += guest.used
            _LOG.debug("%s: instance %d given up after faults", self.name, self.restarts)
            guest.close()

    def _free(self) -> None:
        if self._freed:
            return
        self._freed = True
        # First of all, since it reads guest memory.
        self._watchdog.close()
        try:
            if self._guest is not None:
                self._guest.close()
        finally:
            self._module.close()
