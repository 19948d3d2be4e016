"""A thread that compares two sides."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.consumer.module_version import ModuleVersion
from engine.errors import EngineError, InternalError
from engine.live.comparison.compared import Compared
from engine.live.comparison.evaluated import Load, SideResults, compare_cases, evaluate_window
from engine.live.stoppable import Stoppable
from engine.live.versions.changes import Change
from engine.live.window.snapshot import WindowSnapshot
from engine.process.job import Job, SupersededError
from engine.regression.trial import Case

Modules: TypeAlias = Sequence[ModuleVersion]
Made: TypeAlias = SideResults | Modules
"""What a side made already, or what is to evaluate for it."""


class Comparison(Stoppable):
    """Compares once; `snapshot` says how far it is. Any thread may call."""

    def __init__(
        self,
        compared: Compared,
        old: Made | Callable[[], Sequence[Case]],
        new: Made,
        *,
        window: WindowSnapshot,
        load: Load,
        wake: Callable[[], None],
    ) -> None:
        """`old` may also read cases from a file: then `new` is modules. `wake` is called on progress."""
        super().__init__("compare")
        self._compared = compared
        self._old, self._new = old, new
        self._window = window
        self._load = load
        self._wake = wake
        self._job = Job()
        self._thread.start()

    def snapshot(self) -> Compared:
        return self._compared

    def stop(self) -> None:
        self._job.cancel()

    def _run(self) -> None:
        try:
            self._compared = self._compare()
        except SupersededError:
            return
        except EngineError as error:
            self._compared = replace(self._compared, problem=error.message)
        except Exception as error:  # noqa: BLE001 - it would seem to continue for ever
            self._compared = replace(self._compared, problem=InternalError(error).message)
        self._wake()

    def _compare(self) -> Compared:
        if callable(self._old):
            assert not isinstance(self._new, SideResults), "cases need modules"
            return compare_cases(
                self._compared, self._old(), self._new, self._load, self._job, lambda share: self._tell(share)
            )
        old = self._results(self._old, 0.0)
        new = self._results(self._new, 0.5)
        return replace(
            self._compared,
            share=1.0,
            problem=old.problem or new.problem,
            results=new.results,
            faults=new.faults,
            fold=new.fold,
            change=Change.between(old.results, new.results),
        )

    def _results(self, made: Made, done: float) -> SideResults:
        if isinstance(made, SideResults):
            return made
        return evaluate_window(
            made, self._window, self._load, self._job, lambda share: self._tell(done + share / 2)
        )

    def _tell(self, share: float) -> None:
        before = self._compared.share
        # The screen shows percents.
        if int(share * 100) != int(before * 100):
            self._compared = replace(self._compared, share=share)
            self._wake()
