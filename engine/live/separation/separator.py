"""Finds on a thread of its own what tells passed records from dropped ones."""

import logging
import threading
from collections.abc import Callable

from engine.errors import InternalError
from engine.fields.format import Format
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.separation.separate import Separation, separate
from engine.live.window.snapshot import WindowSnapshot

CLOSE_SECONDS = 1.0
"""How long closing waits for the records that are being read."""


class Separator:
    """One separation, which begins at once. Any thread may look at it, or stop it."""

    def __init__(
        self,
        window: WindowSnapshot,
        consumer: ConsumerSnapshot,
        format: Format,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake` is called from the thread on progress, and at the end."""
        self.format = format
        self._work = (window, consumer, format)
        self._wake = wake
        self._stopping = threading.Event()
        self.done = 0.0
        """How much of it is done, up to 1."""
        self.found: Separation | None = None
        """What was found, once it is."""
        self.problem = ""
        """Why nothing will be found, if that is so."""
        self._thread = threading.Thread(target=self._run, name="separate", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it soon; it finds nothing any more."""
        self._stopping.set()

    def close(self) -> None:
        self.stop()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            self.found = separate(*self._work, stopped=self._stopping.is_set, progress=self._progress)
        except Exception as error:
            self.problem = InternalError(error).message
            logging.getLogger(__name__).info("no separation", exc_info=error)
        self.done = 1.0
        self._wake()

    def _progress(self, done: float) -> None:
        self.done = done
        self._wake()
