"""A stored SmartStream that evaluates with whatever is stored under its name at the moment."""

import logging
from collections.abc import Callable

from engine.builds.file_watcher import Change, FileWatcher
from engine.consumer.succession import Succession
from engine.errors import EngineError, InternalError, SmartStreamError
from engine.library.store import SmartStreamStore
from engine.process import Job, SupersededError
from engine.runtime.config import ModuleConfig

_LOG = logging.getLogger(__name__)


class FollowingSmartStream(Succession):
    """Evaluates as a `SmartStream` does; where its module is replaced, the next batch is the new one's.

    `evaluate` and `close` belong to one thread.
    """

    def __init__(
        self,
        store: SmartStreamStore,
        name: str,
        *,
        on_replaced: Callable[[], None],
        on_problem: Callable[[EngineError], None],
        config: ModuleConfig | None = None,
        job: Job | None = None,
    ) -> None:
        """`SmartStreamError` where nothing fit is stored under that name.

        Another thread may end this by cancelling `job`: then `SupersededError`.

        From a thread of its own it calls `on_replaced` once another module is there for the next batch, and
        `on_problem` where the module was removed or the new one cannot run; then the old one goes on.
        """
        super().__init__()
        self._store = store
        self._name = name
        self._config = config
        self._on_replaced = on_replaced
        self._on_problem = on_problem
        self._job = Job()
        """Ends with this: nobody waits for the modules that it loads."""
        self._watcher = FileWatcher(self._on_change)
        self._watcher.watch([store.path(name)])
        self.hand_over(1, store.open(name, config=config, job=job))
        self._watcher.start()

    def close(self) -> None:
        """Stop watching and let go of the modules. May be called again."""
        self._job.cancel()
        self._watcher.close()
        super().close()

    def _on_change(self, _change: Change) -> None:
        try:
            # Here, where compiling keeps no record waiting.
            following = self._store.open(self._name, config=self._config, job=self._job)
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
        self.hand_over(self.version + 1, following)
        self._on_replaced()
