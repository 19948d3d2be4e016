"""Compiles a module in full while its baseline code already runs."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from engine.errors import EngineError
from engine.process.job import Job, SupersededError
from engine.runtime.loading.module import GuestModule

_LOG = logging.getLogger(__name__)


class Optimizing:
    """A module that is compiled on a thread of its own."""

    def __init__(self, compile_module: Callable[[Job], GuestModule]) -> None:
        self._compile = compile_module
        self._job = Job()
        self._module: GuestModule | None = None
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Compile, unless that has begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="optimize module", daemon=True)
            self._thread.start()

    def take(self) -> GuestModule | None:
        """The module, the caller's to close, once it is compiled; never if its limits are too low."""
        module, self._module = self._module, None
        return module

    def close(self) -> None:
        """End the thread, and release the module."""
        self._job.cancel()
        if self._thread is not None:
            self._thread.join()
        if self._module is not None:
            self._module.close()

    def _run(self) -> None:
        with suppress(SupersededError):
            try:
                self._module = self._compile(self._job)
            except EngineError as error:
                _LOG.info("runs without optimization: %s", error)
