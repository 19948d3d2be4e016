"""Dialogues: what follows from an answer, and how the user learns what went wrong."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from textual.screen import ModalScreen, Screen

from engine.errors import EngineError
from tui import format
from tui.dashboard.flow.key_order import PREPARES
from tui.dashboard.present.remedies import explain

Answer = TypeVar("Answer")


class Asking:
    """Opens dialogues over a screen. What follows from an answer runs in a worker, and then `done`."""

    def __init__(self, screen: Screen[Any], done: Callable[[], object]) -> None:
        self._screen = screen
        self._done = done

    def ask(self, dialogue: ModalScreen[Answer], then: Callable[[Answer], Awaitable[object]]) -> None:
        def answered(answer: Answer | None) -> None:
            if answer is not None:
                self.do(then(answer))

        # Not from a worker: the next keys are for the dialogue.
        self._screen.app.push_screen(dialogue, answered)

    def do(self, work: Awaitable[object]) -> None:
        """Do something that may take a while, and explain its `EngineError`, if any."""
        self._screen.run_worker(self._explained(work))

    def prepare(self, work: Awaitable[object]) -> None:
        """Do something of which a dialogue comes: the next keys wait, as they are for that."""
        self._screen.run_worker(self._explained(work), group=PREPARES)

    async def _explained(self, work: Awaitable[object]) -> None:
        try:
            await work
        except EngineError as error:
            self.explain(error)
        self._done()

    def explain(self, error: EngineError) -> None:
        self.warn(explain(error))

    def warn(self, message: str) -> None:
        self._screen.notify(format.harmless_lines(message), severity="error", markup=False)

    def tell(self, message: str) -> None:
        self._screen.notify(format.harmless_lines(message), markup=False)
