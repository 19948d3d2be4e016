"""The thread that evaluates a window with the newest version of a SmartStream."""

import logging
import math
import threading
from collections.abc import Callable

from engine.errors import InternalError, SmartStreamError, TooManyFaultsError
from engine.live.evaluation.cursor import EvaluationCursor
from engine.live.evaluation.mailbox import Command, Evaluate, Mailbox, Resume, Seek, UseModule
from engine.live.evaluation.progress import Progress
from engine.live.evaluation.status import Stopped
from engine.live.versions.loaded_steps import LoadedSteps
from engine.live.versions.running_version import RunningVersion
from engine.live.window.window import Window

EVALUATION_BUDGET = 0.05
"""Seconds of evaluation between looks at the mailbox."""

_LOG = logging.getLogger(__name__)


class EvaluationLoop:
    """Evaluates rows in order; a new version evaluates the whole window again."""

    def __init__(self, name: str, window: Window, wake: Callable[[], None], steps: int = 1) -> None:
        """Begins to evaluate once it has a module for each of its `steps`."""
        self.cursor = EvaluationCursor(window)
        self.progress = Progress()
        self._name = name
        self._window = window
        self._wake = wake
        self._mailbox = Mailbox()
        self._loaded: list[UseModule | None] = [None] * steps
        """Those that evaluate, or wait for others."""
        self._read = window.register(self._mailbox.notify_of_records)
        self._thread = threading.Thread(target=self._run, name=f"evaluate {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def post(self, command: UseModule | Seek | Resume) -> None:
        """Ask for something. A module belongs to this loop from now on."""
        # Looked up before the thread can see a new module, which must not be interrupted.
        running = self.progress.running
        self._mailbox.post(command)
        if running is not None and isinstance(command, UseModule):
            running.module.interrupt()

    def set_rate_limit(self, per_second: float | None) -> None:
        self.cursor.limiter.set(per_second)
        self._tell_window()
        self._mailbox.notify()

    def close(self) -> None:
        """Evaluate no more, and close the modules. No module may be handed over afterwards."""
        self._mailbox.close()
        running = self.progress.running
        if running is not None:
            running.module.interrupt()
        if self._thread.is_alive():
            self._thread.join()
        for unused in self._mailbox.left():
            unused.module.close()

    def _run(self) -> None:
        try:
            while (command := self._mailbox.take(self._evaluates_in)) is not None:
                try:
                    self._obey(command)
                except Exception as error:  # noqa: BLE001 - otherwise the pane would stop without a reason
                    self._stop(Stopped(InternalError(error).message))
                self._tell_window()
        finally:
            self._read.close()
            for loaded in filter(None, self._loaded):
                loaded.module.close()

    def _obey(self, command: Command) -> None:
        match command:
            case UseModule():
                self._use(command)
            case Seek(row):
                self._seek(row)
            case Resume():
                self._resume()
            case Evaluate():
                self._evaluate()

    def _tell_window(self) -> None:
        """A replay waits for this consumer unless it is stopped or limited."""
        limited = self.cursor.limiter.per_second is not None
        self._read.move(None if limited else self.progress.evaluated_row)

    def _evaluates_in(self) -> float:
        row = self.progress.evaluated_row
        return math.inf if row is None else self.cursor.evaluates_in(row)

    def _use(self, command: UseModule) -> None:
        number, step = command.version.version, command.version.step
        replaced, self._loaded[step] = self._loaded[step], command
        loaded = [one for one in self._loaded if one is not None]
        before = self.progress.running
        if len(loaded) == len(self._loaded):
            _LOG.info("%s: version %d goes live", self._name, number)
            if before is not None:
                self.cursor.catch_up(before.verdicts.end_row)
            for kept in loaded:
                if kept is not command:
                    kept.module.renew()
            module = LoadedSteps([one.module for one in loaded])
            made_of = tuple(one.version for one in loaded)
            version = RunningVersion(
                number, module, self.cursor.first_row, made_of, returned=command.result is None
            )
            self.progress.begin(version, self.cursor.replay_end, command.result, command.built)
        elif command.result is not None:
            self.progress.loaded(command.result, command.version, command.built)
        if replaced is not None:
            replaced.module.close()
        self._show()
        if command.result is None or self._evaluates_in() > 0:
            # Else the first verdicts wake the dashboard: a frame now would delay theirs.
            self._wake()

    def _seek(self, row: int) -> None:
        self.cursor.seek(row)
        running, stopped = self.progress.running, self.progress.stopped
        # A module that broke its contract is closed: the version after it begins at the row.
        if running is not None and (stopped is None or stopped.resumable):
            _LOG.info("%s: evaluates from row %d on", self._name, self.cursor.first_row)
            running.module.renew()
            version = RunningVersion(running.number, running.module, self.cursor.first_row, running.made_of)
            self.progress.begin(version, self.cursor.replay_end)
        self._show()
        self._wake()

    def _resume(self) -> None:
        running, stopped = self.progress.running, self.progress.stopped
        # Another version may have replaced it meanwhile.
        if running is not None and stopped is not None and stopped.resumable:
            running.module.resume()
            self.progress.resume(running)
        self._wake()

    def _evaluate(self) -> None:
        running = self.progress.running
        chunk = None if running is None else self.cursor.chunk(running.verdicts.end_row)
        if running is None or chunk is None or not len(chunk.batch):
            return
        try:
            evaluation = running.module.evaluate(chunk.batch, budget=EVALUATION_BUDGET)
        except TooManyFaultsError:
            self._stop_after_faults(running)
            return
        except SmartStreamError as error:
            self._stop(Stopped(error.message))
            return
        self.cursor.evaluated(chunk, evaluation.evaluated)
        skipped = self.cursor.skipped(running.verdicts.end_row, chunk.first_row)
        self.progress.record(running, chunk, evaluation, skipped=skipped, first_row=self._window.first_row)
        if running.module.stopped is not None:
            self._stop_after_faults(running)
        else:
            self._show()
            self._wake()

    def _stop_after_faults(self, running: RunningVersion) -> None:
        stopped = running.module.stopped
        faults = "too many" if stopped is None else f"{stopped.faults:,}"
        self._stop(Stopped(f"stopped after {faults} traps and timeouts in a row", resumable=True))

    def _stop(self, stopped: Stopped) -> None:
        _LOG.info("%s stopped: %s", self._name, stopped.notice)
        self.progress.stop(stopped)
        self._show()
        self._wake()

    def _show(self) -> None:
        self.progress.show(idle=self._evaluates_in() > 0)
