"""Textual's driver, made to survive a terminal that stalls or is lost, and to keep columns in place."""

import os
import select
import signal
import threading
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui.dashboard.app.terminal.background import QUERY, BackgroundAnswer
from tui.dashboard.app.terminal.output import TerminalOutput
from tui.dashboard.app.terminal.shown_cells import ShownCells
from tui.dashboard.app.terminal.width import ORDER_IS_OURS, ORDER_IS_THE_TERMINALS

if TYPE_CHECKING:
    from textual.app import App

FRAME_BEGINS, FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output, which Textual writes around each frame if the terminal knows it."""
OUTPUT_PATIENCE = 0.5
"""Seconds that the end waits for a terminal to take what was drawn, and then what restores it."""
_LOOK_SECONDS = 0.1
_READ_BYTES = 1 << 12


@runtime_checkable
class SuitsBackground(Protocol):
    """An application whose theme depends on the terminal's background."""

    asks_background: bool

    def suit_background(self, light: bool) -> None: ...


class LastingDriver(LinuxDriver):
    """A driver that waits for no terminal, and ends the application with its input."""

    def __init__(
        self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output: TerminalOutput | None = None
        self._background = BackgroundAnswer()
        self._cells = ShownCells()
        self._frame_begins = False
        """Whether a frame was begun of which nothing is written yet."""

    def write(self, data: str) -> None:
        if self._output is None:
            return
        if threading.current_thread() is self._key_thread:
            self._loop.call_soon_threadsafe(self._output.write, data)
        elif data == FRAME_BEGINS:
            self._frame_begins = True
        elif data == FRAME_ENDS and self._frame_begins:
            self._frame_begins = False
        elif changed := self._cells.changed(data, self._app.size.height):
            begins, self._frame_begins = FRAME_BEGINS if self._frame_begins else "", False
            if not self._output.write(begins + changed):
                self._cells.forget()

    def start_application_mode(self) -> None:
        assert self._file is not None
        self._output = TerminalOutput(self._file.fileno(), self._loop, self._draw_again)
        self._cells.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGWINCH, self._window_changed)
        self.write(ORDER_IS_OURS)
        if isinstance(self._app, SuitsBackground) and self._app.asks_background:
            self.write(QUERY)

    def _window_changed(self, *_: object) -> None:
        # As Textual's handler, which another signal interrupts after it has read a size: the older one of two
        # sizes was then sent last.
        if not self._in_band_window_resize:
            self._loop.call_soon_threadsafe(self._send_size)

    def _send_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self._app.post_message(events.Resize(size, size))

    def stop_application_mode(self) -> None:
        if self._output is not None and not self._output.drain(OUTPUT_PATIENCE):
            self._output.discard()
        self.write(ORDER_IS_THE_TERMINALS)
        super().stop_application_mode()

    def close(self) -> None:
        if self._output is not None:
            self._output.drain(OUTPUT_PATIENCE)
            self._output.close()
            self._output = None
        super().close()

    def _sigcont_application(self, *_: object) -> None:
        # Closing a terminal continues its processes, even one whose application has ended.
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        """Take the terminal again, unless the application has ended or an editor has it."""
        if self._output is not None and self._auto_restart:
            # Stopped by SIGSTOP: what this has set up is lost, or would be set up twice.
            self.suspend_application_mode()
            self._must_signal_resume = True
        if self._must_signal_resume:
            self.resume_application_mode()

    def run_input_thread(self) -> None:
        """Read until the input is disabled, or ends because the terminal was closed."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _LOOK_SECONDS)[0]:
                data = self._read()
                if not data:
                    self._loop.call_soon_threadsafe(self._app.exit)
                    return
                for message in parser.feed(self._without_background(decode(data))):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _without_background(self, text: str) -> str:
        """Some input, without the terminal's answer, which is for the application."""
        known = self._background.light
        text = self._background.take(text)
        light = self._background.light
        if light is not None and known is None and isinstance(self._app, SuitsBackground):
            self._loop.call_soon_threadsafe(self._app.suit_background, light)
        return text

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""

    def _draw_again(self) -> None:
        self._cells.forget()
        self._app.refresh(layout=True)
