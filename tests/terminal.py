"""A real terminal for the real program: a pty with a terminal emulator behind it.

The emulator knows synchronized output, as most terminals do, so that no test sees half a frame.
"""

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyte

from tests.fork_server import Forked, ForkServer
from tests.waiting import PATIENCE

ASKS_FOR_FRAMES, HAS_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
"""Synchronized output: everything between the two is shown at once."""
END_MARK = b"\x1b]7770;ended\x1b\\"
"""Written after what the program wrote; no terminal shows it."""


class Terminal:
    """Runs a command in a pty; its screen can be read, waited for, typed at and resized.

    With `forks`, the command is the program's arguments, and that is forked instead of started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 34,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        forks: ForkServer | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.raw = bytearray()
        """Everything the program wrote."""
        self._stream = _Forgiving(self.screen)
        self._unshown = b""
        self._lock = threading.Condition()
        self._master: int | None
        self._master, slave = pty.openpty()
        self._set_size(columns, rows)
        self.before = termios.tcgetattr(slave)
        """The terminal's modes before the program started."""
        self._slave = slave
        own = _without_size(env if env is not None else os.environ)
        environment = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **own}
        folder = cwd or Path.cwd()
        self.process: Forked | subprocess.Popen[bytes]
        if forks is None:
            self.process = _start(command, slave, environment, folder)
        else:
            self.process = forks.open_terminal(command, slave, environment=environment, folder=folder)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._closing = False
        self._reads, self._rests = threading.Event(), threading.Event()
        self._reads.set()
        self._reader.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def text(self) -> str:
        """The characters on the screen, one line per row."""
        with self._lock:
            return "\n".join(self.screen.display)

    @contextlib.contextmanager
    def held(self) -> Iterator[pyte.Screen]:
        """The screen, which does not change meanwhile."""
        with self._lock:
            yield self.screen

    @property
    def modes(self) -> object:
        """The terminal's modes now, to compare with `before`."""
        return termios.tcgetattr(self._slave)

    def type(self, keys: str) -> None:
        """Send keys as a terminal does."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size, telling the program."""
        with self._lock:
            self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = PATIENCE) -> str:
        """Wait until the screen shows `wanted`; the screen. Fails showing the screen as it was."""
        shown = wanted if callable(wanted) else lambda text: wanted in text
        with self._lock:
            # Woken by what the program writes: reading the screen is slow, and would take a core if polled.
            if not self._lock.wait_for(lambda: shown(self.text), timeout):
                raise AssertionError(f"not seen within {timeout} s: {wanted!r} in\n{self.text}")
            return self.text

    def wait_for_output(self, wanted: bytes, since: int, timeout: float = PATIENCE) -> None:
        """Wait until `wanted` is in what was written after the first `since` bytes.

        For measuring: it leaves out the time that the emulator takes, which is slower than any terminal.
        """
        with self._lock:
            if not self._lock.wait_for(lambda: self.raw.find(wanted, since) >= 0, timeout):
                raise AssertionError(f"not written within {timeout} s: {wanted!r}, on\n{self.text}")

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for the program to end, and until all that it wrote is in `raw`; its exit status."""
        status = self.process.wait(timeout)
        if self._master is not None and self._reads.is_set():
            since = len(self.raw)
            os.write(self._slave, END_MARK)
            self.wait_for_output(END_MARK, since, timeout)
        return status

    def stall(self) -> None:
        """Take nothing more that the program writes, as a lost connection does, until `resume`."""
        self._rests.clear()
        self._reads.clear()
        self._rests.wait()
        slave = os.open(os.ttyname(self._slave), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(slave, bytes(1 << 12))
        os.close(slave)

    def resume(self) -> None:
        """Read again."""
        self._reads.set()

    def hang_up(self) -> None:
        """Close the terminal under the program, as closing its window does."""
        self._closing = True
        self._reader.join()
        os.close(self._master)
        self._master = None

    def close(self) -> None:
        """End the program, if it still runs, and the terminal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._master is not None:
            self.hang_up()
        os.close(self._slave)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while not self._closing:
            if not self._reads.is_set():
                self._rests.set()
                self._reads.wait(0.05)
                continue
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self._master, 1 << 16)
            except OSError as error:
                if error.errno == errno.EIO:
                    return
                raise
            with self._lock:
                before = len(self.raw)
                self.raw += data
                asked = self.raw.find(ASKS_FOR_FRAMES, max(before - len(ASKS_FOR_FRAMES) + 1, 0)) >= 0
            if asked:
                os.write(self._master, HAS_FRAMES)
            with self._lock:
                self._lock.notify_all()
            with self._lock:
                self._show(data)

    def _show(self, data: bytes) -> None:
        """Feed the emulator, but for a frame that is not whole yet."""
        self._unshown += data
        begun = self._unshown.rfind(FRAME_BEGINS)
        if begun < 0 or FRAME_ENDS in self._unshown[begun:]:
            begun = len(self._unshown) - _begun_at_end(self._unshown)
        whole, self._unshown = self._unshown[:begun], self._unshown[begun:]
        if whole:
            self._stream.feed(whole)
            self._lock.notify_all()


class _Forgiving(pyte.ByteStream):
    """Leaves out sequences that pyte cannot do, as terminals do.

    What is cut off, by a signal or another program's output, goes on as a sequence with too many numbers.
    """

    def _send_to_parser(self, data: str) -> bool | None:
        try:
            return super()._send_to_parser(data)
        except (TypeError, ValueError, IndexError):
            # The parser starts again.
            return self._taking_plain_text


def _begun_at_end(data: bytes) -> int:
    """How many bytes at the end may be the first of a frame's beginning, since a read ends anywhere."""
    sizes = range(len(FRAME_BEGINS) - 1, 0, -1)
    return next((size for size in sizes if data.endswith(FRAME_BEGINS[:size])), 0)


def _start(
    command: Sequence[str], terminal: int, environment: Mapping[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        cwd=folder,
        env=environment,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )


def _without_size(env: Mapping[str, str]) -> dict[str, str]:
    """What says how large another terminal is would go before this one's own size."""
    return {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}
