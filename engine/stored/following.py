"""A stored SmartStream that judges with whatever is stored under its name at the moment."""

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from engine.build.job import Job, SupersededError
from engine.build.watching import Change, FileWatcher
from engine.errors import EngineError, InternalError, SmartStreamError
from engine.records import Batch
from engine.smartstream.limits import Limits
from engine.smartstream.succession import Succession
from engine.stored.store import SmartStreamStore
from engine.verdicts import Judgement

_LOG = logging.getLogger(__name__)


class FollowingSmartStream:
    """Judges as a `SmartStream` does; where its module is replaced, the next batch is the new one's.

    `evaluate` and `close` belong to one thread.
    """

    def __init__(
        self,
        store: SmartStreamStore,
        name: str,
        *,
        on_replaced: Callable[[], None],
        on_problem: Callable[[EngineError], None],
        limits: Limits | None = None,
        job: Job | None = None,
    ) -> None:
        """`SmartStreamError` where nothing fit is stored under that name.

        Another thread may end this by cancelling `job`: then `SupersededError`.

        From a thread of its own it calls `on_replaced` once another module is there for the next batch, and
        `on_problem` where the module was removed or the new one cannot run; then the old one goes on.
        """
        self._store = store
        self._name = name
        self._limits = limits
        self._on_replaced = on_replaced
        self._on_problem = on_problem
        self._versions = Succession()
        self._generation = 1
        self._job = Job()
        """Ends with this: nobody waits for the modules that it loads."""
        self._watcher = FileWatcher(self._on_change)
        self._watcher.watch([store.path(name)])
        self._versions.hand_over(self._generation, store.open(name, limits=limits, job=job))
        self._watcher.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Judgement:
        """Judge a batch, or its first records; see `SmartStream.evaluate`."""
        return self._versions.evaluate(batch, budget=budget)

    @property
    def memory(self) -> int:
        """Bytes of memory that the version at work has now; 0 where there is none."""
        return self._versions.memory

    def close(self) -> None:
        """Stop watching and let go of the modules. May be called again."""
        self._job.cancel()
        self._watcher.close()
        self._versions.close()

    def _on_change(self, _change: Change) -> None:
        try:
            # Here, where compiling keeps no record waiting.
            following = self._store.open(self._name, limits=self._limits, job=self._job)
        except SupersededError:
            return
        except SmartStreamError as error:
            _LOG.info("the stored SmartStream %s goes on as it was: %s", self._name, error)
            self._on_problem(error)
            return
        except Exception as error:  # noqa: BLE001 - the thread would end, and nobody say why
            self._on_problem(InternalError(error))
            return
        _LOG.info("the stored SmartStream %s was loaded again", self._name)
        self._generation += 1
        self._versions.hand_over(self._generation, following)
        self._on_replaced()
