"""Textual's driver for a dashboard in a browser, made to end with the server."""

from contextlib import suppress

from textual.drivers.web_driver import WebDriver


class ServedDriver(WebDriver):
    """Ends the application with its input: a server that was killed says nothing."""

    def run_input_thread(self) -> None:
        super().run_input_thread()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.exit)
