"""A headless Chromium, driven through its debugging protocol. An emulator shows what its page receives."""

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pyte
from websockets.sync.client import ClientConnection, connect

from tests.waiting import PATIENCE

COLUMNS, ROWS = 132, 40
"""Not less than a page of this size has."""


def find_chromium() -> str | None:
    """Its path, if one is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last = 0
        self.complaints: list[str] = []
        """Errors on the console, exceptions, and requests that failed."""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._last += 1
        wanted = self._last
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": parameters}))
        while True:
            message = self._receive(PATIENCE)
            if message.get("id") == wanted:
                assert "error" not in message, message
                return dict(message["result"])

    def evaluate(self, script: str) -> object:
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def type(self, text: str) -> None:
        for letter in text:
            key = {"\r": "Enter", "\x1b": "Escape"}.get(letter, letter)
            code = {"\r": 13, "\x1b": 27}.get(letter, 0)
            shown = {} if letter == "\x1b" else {"text": letter}
            self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **shown)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> None:
        # A tab behind another one may draw no frame, which a picture waits for.
        self.ask("Page.bringToFront")
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def until(self, reached: Callable[[], object]) -> None:
        """Take what comes until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < end, f"not reached:\n{self.text}\n{self.complaints}"
            try:
                self._receive(0.2)
            except TimeoutError:
                continue

    def _receive(self, seconds: float) -> dict[str, Any]:
        message = json.loads(self._socket.recv(timeout=seconds))
        method, given = message.get("method", ""), message.get("params", {})
        if method == "Network.webSocketFrameReceived":
            self._frame(given["response"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(given["exceptionDetails"]))
        elif method == "Log.entryAdded" and given["entry"]["level"] == "error":
            self.complaints.append(str(given["entry"]))
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "assert"):
            self.complaints.append(str(given["args"]))
        return dict(message)

    def _frame(self, response: dict[str, Any]) -> None:
        if response["opcode"] == 2:
            self._stream.feed(base64.b64decode(response["payloadData"]))


class Chromium:
    """The browser; its tabs close with it."""

    def __init__(self, path: str, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [
                path,
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--enable-unsafe-swiftshader",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--remote-debugging-address=127.0.0.1",
                f"--user-data-dir={folder}",
                "--window-size=1200,760",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._sockets = ExitStack()

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sockets.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def open(self, address: str) -> Page:
        """A new tab on an address."""
        port, path = self._debugging()
        browser = self._connect(f"ws://127.0.0.1:{port}{path}")
        browser.send(json.dumps({"id": 1, "method": "Target.createTarget", "params": {"url": "about:blank"}}))
        target = json.loads(browser.recv(timeout=PATIENCE))["result"]["targetId"]
        page = Page(self._connect(f"ws://127.0.0.1:{port}/devtools/page/{target}"))
        page.ask("Page.navigate", url=address)
        return page

    def _connect(self, address: str) -> ClientConnection:
        return self._sockets.enter_context(connect(address, max_size=None, open_timeout=PATIENCE))

    def _debugging(self) -> tuple[str, str]:
        """The port and the path of the browser's debugging socket, once it has written them."""
        written = self._folder / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while not written.exists() or len(lines := written.read_text().splitlines()) < 2:
            assert time.monotonic() < end and self._process.poll() is None, "Chromium does not start"
            time.sleep(0.02)
        return lines[0], lines[1]


@contextmanager
def chromium(path: str) -> Iterator[Chromium]:
    """A browser with a profile of its own."""
    # Not under the test's folder: paths of sockets in it would be too long.
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        Chromium(path, Path(folder)) as one,
    ):
        yield one
