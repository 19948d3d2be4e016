"""A screen that is there with its first frame."""

from typing import TypeVar

from textual import events
from textual.screen import Screen

Answer = TypeVar("Answer")


class ReadyScreen(Screen[Answer]):
    """Finds the classes of its size and the styles of its widgets once.

    Textual finds the classes after the first frame, and styles all widgets again, for them and as the screen
    appears, though each of them has its styles since it was mounted: a quarter of the time to start.
    """

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        size, app = self.app.size, self.app
        self.add_class(
            *self._get_breakpoint_classes(size.width, app.HORIZONTAL_BREAKPOINTS or []),
            *self._get_breakpoint_classes(size.height, app.VERTICAL_BREAKPOINTS or []),
        )
        self._was_shown = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        event.refresh_styles &= self._was_shown
        self._was_shown = True
