"""Textual's driver, made to survive the loss of the terminal, and to keep columns in place."""

import io
import os
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

from tui.dashboard.app.terminal_width import ORDER_IS_OURS, ORDER_IS_THE_TERMINALS, steady

if TYPE_CHECKING:
    from textual.app import App


class LastingDriver(LinuxDriver):
    """A driver whose terminal may be gone: a failed write would end its thread, and quitting would hang."""

    def __init__(
        self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = cast("io.TextIOWrapper[Any]", _Lasting(self._file))

    def write(self, data: str) -> None:
        super().write(steady(data))

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(ORDER_IS_OURS)

    def stop_application_mode(self) -> None:
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
            self._discard()
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._discard()

    def _discard(self) -> None:
        """Discard what is still buffered: the last flush would fail, and make the exit status 120."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def fileno(self) -> int:
        return self._stream.fileno()
