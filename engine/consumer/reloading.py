"""An inline SmartStream that evaluates with the newest version of its file that builds."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from engine.builds.build import Build, BuildState
from engine.builds.from_file import InlineSmartStream
from engine.consumer.succession import Succession
from engine.errors import InternalError, SmartStreamError
from engine.process import Job, SupersededError
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


class ReloadingSmartStream(Succession):
    """Evaluates as a `SmartStream` does, and builds its file again on every save.

    A version that is ready evaluates from the next batch on. A build that fails leaves the version at work
    where it is. Where one breaks its contract, or
    fails on too many records in a row, records are waiting for the next. `evaluate` and `close`
    belong to one thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_build: Callable[[Build, int], None],
        on_stopped: Callable[[SmartStreamError], None],
        config: ModuleConfig | None = None,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Begin to build.

        `on_build` gets each build that is done, from a thread of its own: failed, or ready and there for the
        next batch; and the version that evaluates that batch, 0 where none does. `on_stopped` is called
        within `evaluate`. For `cache` see `InlineSmartStream`.
        """
        self._config = config
        self._on_built = on_build
        super().__init__(on_stopped)
        self._job = Job()
        """Ends with this: nobody waits for the modules that it loads."""
        self._source = InlineSmartStream(path, self._on_build, cache=cache, environ=environ)
        self._source.start()

    def close(self) -> None:
        """Stop watching and building, and let go of the modules. May be called again."""
        self._job.cancel()
        self._source.close()
        super().close()

    def _on_build(self, build: Build) -> None:
        if build.state is BuildState.BUILDING:
            return
        if build.wasm is not None:
            try:
                # Here, where compiling keeps no record waiting.
                stream = SmartStream(build.wasm, config=self._config, name=build.path.name, job=self._job)
            except SupersededError:
                return
            except SmartStreamError as error:
                build = replace(build, state=BuildState.FAILED, error=error)
            except Exception as error:  # noqa: BLE001 - the thread would end, and nobody say why
                build = replace(build, state=BuildState.FAILED, error=InternalError(error))
            else:
                self.hand_over(build.version, stream)
        self._on_built(build, self.version)
