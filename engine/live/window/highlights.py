"""Where texts on the screen match a search, found on a thread of its own."""

import threading
import time
from collections.abc import Callable, Sequence

from engine.live.window.matcher import Matcher, Span

KEPT_CHARACTERS = 4 << 20
TEXT_SECONDS = 0.5
"""How long one text is searched: all places in it can take quadratic time."""
WAIT_SECONDS = 0.01
"""How long drawing waits for places: nearly always they are there by then, and a row is drawn once."""


class Highlights:
    """Finds the places in the texts that are asked for. Any thread may call."""

    def __init__(self, matcher: Matcher, wake: Callable[[], None]) -> None:
        """Call `wake` when there are places that nobody waited for."""
        self._matcher = matcher
        self._wake = wake
        # Guards what follows.
        self._changed = threading.Condition()
        self._found: dict[str, Sequence[Span]] = {}
        """The oldest first."""
        self._characters = 0
        self._asked: dict[str, None] = {}
        self._waited_for = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="highlight matches", daemon=True)
        self._thread.start()

    def places(self, text: str) -> Sequence[Span] | None:
        """The places in a text, ascending; None if they are still to be found. Never waits."""
        with self._changed:
            found = self._found.get(text)
            if found is None and text not in self._asked:
                self._asked[text] = None
                self._changed.notify_all()
            return found

    def wait(self) -> None:
        """Wait a moment for the places that were asked for."""
        with self._changed:
            self._waited_for = True
            self._changed.wait_for(lambda: self._stopped or not self._asked, WAIT_SECONDS)
            self._waited_for = False

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while (text := self._next()) is not None:
            places = self._places(text)
            with self._changed:
                self._asked.pop(text)
                self._keep(text, places)
                done = not self._asked
                tell = done and not self._waited_for
                if done:
                    self._changed.notify_all()
            if tell:
                self._wake()

    def _next(self) -> str | None:
        """What was asked for first; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or bool(self._asked))
            return None if self._stopped else next(iter(self._asked))

    def _places(self, text: str) -> Sequence[Span]:
        places = []
        end = time.monotonic() + TEXT_SECONDS
        for place in self._matcher.places(text):
            places.append(place)
            if self._stopped or time.monotonic() > end:
                break
        return places

    def _keep(self, text: str, places: Sequence[Span]) -> None:
        self._found[text] = places
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS and len(self._found) > 1:
            oldest = next(iter(self._found))
            del self._found[oldest]
            self._characters -= len(oldest)
