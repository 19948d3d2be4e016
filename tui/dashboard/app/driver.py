"""Textual's driver, made to last until the end when the terminal goes away, and to keep columns in place."""

import io
import os
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

from tui.dashboard.app.terminal_width import ORDER_IS_OURS, ORDER_IS_THE_TERMINALS, steady

if TYPE_CHECKING:
    from textual.app import App


class LastingDriver(LinuxDriver):
    """A driver whose screen may be gone.

    Where a write fails, the thread that writes ends, and quitting waits for its full queue for ever.
    """

    def __init__(
        self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = cast("io.TextIOWrapper[Any]", _Lasting(self._file))

    def write(self, data: str) -> None:
        """Write, with every column where Textual thinks it is."""
        super().write(steady(data))

    def start_application_mode(self) -> None:
        """Take the terminal, and the order of right-to-left text with it."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(ORDER_IS_OURS)

    def stop_application_mode(self) -> None:
        """Give all that back."""
        self.write(ORDER_IS_THE_TERMINALS)
        super().stop_application_mode()


class _Lasting(io.TextIOBase):
    """A text stream that drops what can no longer be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError:
            self._let_go()
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._let_go()

    def _let_go(self) -> None:
        """Let what is still buffered go nowhere: the last flush would fail, and make the exit status 120."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def fileno(self) -> int:
        return self._stream.fileno()
