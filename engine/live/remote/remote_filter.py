"""A consumer whose SmartStreams run beside the broker's log, and whose outputs stand in a window."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

from engine.broker.broker import Broker
from engine.broker.remote_evaluation import RemoteRefusedError
from engine.broker.topics import Topic
from engine.builds.build import BuildRequest, BuildResult
from engine.consumer.module_version import ModuleVersion
from engine.consumer.remote_chain import BuildReports, RemoteChain, RemoteVersions, StepModules
from engine.consumer.remote_consumer import RemoteConsumer
from engine.consumer.step import Step
from engine.errors import BrokerUnreachableError, EngineError, InternalError, UnknownTopicError
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.explanation.explanation import Inquiry
from engine.live.remote.results import RowResults
from engine.live.remote.state import RemoteState
from engine.live.remote.waiting_outputs import WaitingOutputs
from engine.live.window.window import Window
from engine.records.batch import Batch

_LOOK_SECONDS = 0.1
_POLL_SECONDS = 0.05
_RETRY_SECONDS = 0.5
_MOST_WAITING = 16 << 20
"""Bytes of outputs that wait for the window before no more are read."""
_SAMPLE_ROWS = 1_000
"""The newest records of the window, which every version has to evaluate here first."""
_LOG = logging.getLogger(__name__)

ModulesOf = Callable[[Step], StepModules]


class RemoteFilter(PaneConsumer):
    """Shows what the broker makes of the window's records, and of those that come.

    A new version continues where the one before stopped, so the window is not evaluated again. The broker
    does not say why a record passes, nor what another version would make of it.
    """

    def __init__(
        self,
        identity: int,
        steps: Sequence[Step],
        modules_of: ModulesOf,
        broker: Broker,
        topic: Callable[[], Topic],
        window: Window,
        wake: Callable[[], None],
        keep_sources: Callable[[BuildResult], None] = lambda _: None,
    ) -> None:
        """`modules_of` builds a step for the broker; `topic` is the one that the window has."""
        self.id = identity
        self._steps = tuple(steps)
        self._modules_of = modules_of
        self._broker = broker
        self._topic = topic
        self._window = window
        self._wake = wake
        self._keep_sources = keep_sources
        self._read = window.register()
        self._lock = threading.Lock()
        self._state = RemoteState()
        self._results: RowResults | None = None
        self._from_row = 0
        self._cleared_row = 0
        self._closing, self._again = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"evaluate {identity} remotely", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def rebuild(self) -> None:
        self._again.set()

    def use(self, version: int) -> None:
        """No module is kept."""

    def set_params(self, step: int, params: Mapping[str, str]) -> None:
        with self._lock:
            changed = replace(self._steps[step], params=dict(params))
            self._steps = (*self._steps[:step], changed, *self._steps[step + 1 :])
        self._again.set()

    def set_rate_limit(self, per_second: float | None) -> None:
        """A broker has none."""

    def seek(self, row: int | None) -> None:
        self._from_row = self._window.end_row if row is None else row
        self._again.set()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        self._read.close()

    def module_versions(self) -> tuple[ModuleVersion, ...]:
        return ()

    def modules_with(self, version: int) -> tuple[ModuleVersion, ...]:  # noqa: ARG002 - none is kept
        return ()

    def inquiry(self, row: int, partition: int) -> Inquiry:  # noqa: ARG002 - nothing evaluates here
        return Inquiry(consumer=self.id, steps=[], earlier=[])

    def snapshot(self) -> ConsumerSnapshot:
        with self._lock:
            snapshot = self._state.snapshot(self.id, self._steps)
            return snapshot if self._results is None else self._results.on(snapshot)

    # ---- On its own thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            self._again.clear()
            self._cleared_row = self._window.cleared_row
            try:
                self._session()
            except BrokerUnreachableError as error:
                _LOG.info("consumer %d waits: %s", self.id, error.message)
                self._closing.wait(_RETRY_SECONDS)
            except UnknownTopicError:
                # The window is cleared once there is another one of that name.
                self._await_change()
            except EngineError as error:
                self._stop(error)
            except Exception as error:  # noqa: BLE001 - the pane would stop without saying why
                self._stop(InternalError(error))

    def _session(self) -> None:
        """Build, and evaluate from the start of the window on, until something has to begin again."""
        with self._lock:
            steps = self._steps
        reports = BuildReports(on_failed=self._build_failed, on_building=self._building)
        modules = [self._modules_of(step) for step in steps]
        with closing(RemoteVersions(modules, reports, sample=self._sample)) as versions:
            while (chain := self._first(versions)) is not None:
                try:
                    self._follow(chain, versions)
                except RemoteRefusedError as error:
                    self._switched(chain, error)

    def _first(self, versions: RemoteVersions) -> RemoteChain | None:
        """The next version that can be sent; None if this session is over."""
        while not self._over():
            chain = versions.first(_LOOK_SECONDS)
            if chain is not None:
                return chain
        return None

    def _follow(self, chain: RemoteChain, versions: RemoteVersions) -> None:
        assert self._broker.remote is not None, "the workbench has asked"
        row = max(self._from_row, self._window.first_row)
        with self._lock:
            self._results = RowResults(row, self._window.end_row)
        consumer = RemoteConsumer(
            self._broker,
            self._broker.remote,
            self._topic(),
            chain,
            positions=self._window.positions(row),
            newer=versions.newer,
            on_switch=self._switched,
            on_damage=lambda damage: _LOG.info("skipped: %s", damage),
        )
        waiting = WaitingOutputs(makes_records=chain.makes_records)
        with consumer:
            self._poll(consumer, waiting)
            self._switched(chain, None)
            while not self._over():
                self._place(consumer, waiting)
                self._poll(consumer, waiting)

    def _poll(self, consumer: RemoteConsumer, waiting: WaitingOutputs) -> None:
        if waiting.bytes > _MOST_WAITING:
            with self._window.changed:
                self._window.changed.wait(_POLL_SECONDS)
            return
        delivery = consumer.poll(_POLL_SECONDS)
        if delivery is not None:
            waiting.add(delivery)
        waiting.reached = consumer.positions

    def _place(self, consumer: RemoteConsumer, waiting: WaitingOutputs) -> None:
        """Give rows of the window what was made of them, as far as that is known."""
        assert self._results is not None
        placed = False
        for chunk in self._window.snapshot().batches(self._results.end_row):
            if chunk.batch.partition not in consumer.positions:
                # The topic has more partitions now.
                positions = {**self._window.positions(chunk.first_row), **consumer.positions}
                consumer.reopen(self._topic(), positions)
                break
            evaluation = waiting.take(chunk.batch)
            if not evaluation.evaluated:
                break
            skipped = chunk.first_row - self._results.end_row
            with self._lock:
                if self._state.folds:
                    self._results.note_fold(chunk)
                self._results.record(chunk, evaluation, skipped=skipped, first_row=self._window.first_row)
            placed = True
            if evaluation.evaluated < len(chunk.batch):
                break
        self._read.move(self._results.end_row)
        if placed:
            self._wake()

    def _over(self) -> bool:
        return self._closing.is_set() or self._again.is_set() or self._window.cleared_row != self._cleared_row

    def _sample(self) -> Sequence[Batch]:
        window = self._window.snapshot()
        newest = window.batches(max(window.end_row - _SAMPLE_ROWS, window.first_row))
        return [chunk.batch for chunk in islice(newest, _SAMPLE_ROWS)]

    def _stop(self, error: EngineError) -> None:
        _LOG.info("consumer %d stops: %s", self.id, error.message)
        with self._lock:
            self._state.stopped = error.message
        self._wake()
        self._await_change()

    def _await_change(self) -> None:
        self._read.move(None)
        while not self._over():
            self._closing.wait(_LOOK_SECONDS)

    # ---- What becomes of versions -------------------------------------------------------------------------

    def _building(self, request: BuildRequest) -> None:
        with self._lock:
            self._state.building = request
        self._wake()

    def _build_failed(self, result: BuildResult, running: int) -> None:  # noqa: ARG002 - it is known here
        with self._lock:
            self._state.failed(result)
        self._wake()
        self._keep_sources(result)

    def _switched(self, chain: RemoteChain, refused: RemoteRefusedError | None) -> None:
        """The broker runs a version from now on, or does not."""
        with self._lock:
            before = self._state.running
            self._state.ended(chain, refused)
        if refused is None and before is not None and before.makes_records != chain.makes_records:
            # What is kept of rows is of the other sort: evaluate them all again.
            self._again.set()
        self._wake()
        if chain.build is not None:
            self._keep_sources(chain.build)
