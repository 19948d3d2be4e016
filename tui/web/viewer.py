"""One viewer's session: a dashboard in a process of its own, behind a WebSocket."""

import asyncio
from contextlib import suppress

from textual_serve.app_service import AppService

DRIVER = "tui.dashboard.app.terminal.served_driver:ServedDriver"
"""For Textual's TEXTUAL_DRIVER."""
PATIENCE = 5.0
"""Seconds that a dashboard has to end."""
LARGEST = 1000
"""Columns or rows."""


def cells(number: object) -> int:
    """A size that a browser asks for, within bounds."""
    return min(max(number, 1), LARGEST) if isinstance(number, int) else 1


class Viewer(AppService):
    """Runs a command, and ends it with the connection."""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(cells(width), cells(height))
        # What it does to a terminal is for the one that the server was started in.
        for name in ("NO_COLOR", "TEXTUAL_THEME", "COLORFGBG"):
            environment.pop(name, None)
        return {**environment, "TEXTUAL_DRIVER": DRIVER, "TERM": "xterm-256color"}

    async def set_terminal_size(self, width: int, height: int) -> None:
        await super().set_terminal_size(cells(width), cells(height))

    async def stop(self) -> None:
        """Ask the dashboard to end, and kill it if it does not."""
        if self._process is None:
            return
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(PATIENCE):
                await super().stop()
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
