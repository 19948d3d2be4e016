"""Dialogues: what is done with an answer, and how a person hears of what went wrong."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.screen import ModalScreen, Screen

from engine.errors import EngineError
from tui.dashboard.present import format
from tui.dashboard.present.remedies import explain

Answer = TypeVar("Answer")


class Asking:
    """Opens dialogues over a screen. What is done with their answers keeps nobody waiting."""

    def __init__(self, screen: Screen[None], done: Callable[[], object]) -> None:
        """`done` is called when an answer has been dealt with."""
        self._screen = screen
        self._done = done

    def ask(self, dialogue: ModalScreen[Answer], then: Callable[[Answer], Awaitable[object]]) -> None:
        """Open a dialogue; where it is answered, do what follows from that."""

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                self.do(then(answer))

        # At once, and not from a worker: the keys that are typed next are meant for the dialogue.
        self._screen.app.push_screen(dialogue, answered)

    def do(self, work: Awaitable[object]) -> None:
        """Do something that may take a while, and explain the `EngineError` that it ends with."""
        self._screen.run_worker(self._explained(work))

    async def _explained(self, work: Awaitable[object]) -> None:
        try:
            await work
        except EngineError as error:
            self.explain(error)
        self._done()

    def explain(self, error: EngineError) -> None:
        """Say what went wrong."""
        self.warn(explain(error))

    def warn(self, message: str) -> None:
        """Say that something went wrong, in these words."""
        self._screen.notify(format.harmless_lines(message), severity="error", markup=False)

    def tell(self, message: str) -> None:
        """Say that something was done, in these words."""
        self._screen.notify(format.harmless_lines(message), markup=False)
