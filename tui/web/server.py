"""Serves dashboards to browsers that know the token."""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server, to_int

from tui.web.viewer import Viewer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_MESSAGE = 1 << 20
"""Bytes that a browser sends at once at most, such as a pasted text."""
_HEADERS = {"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}


class DashboardServer(Server):
    """Runs `command`, a line for the shell, for each viewer.

    A page of another site could open a WebSocket to this machine, and other users of this machine can
    connect, too. So every request needs the token: in the address at first, then in a cookie.
    """

    def __init__(self, command: str, host: str, port: int) -> None:
        super().__init__(command, host, port, title="fluvio-tui")
        self.token = secrets.token_urlsafe(24)
        self._page = (Path(__file__).parent / "page.html").read_text()
        self._sockets: set[web.WebSocketResponse] = set()

    async def run(self, stop: int, ready: Callable[[int], object]) -> None:
        """Serve until the descriptor `stop` is readable; `ready` gets the port. `OSError` if it is in use."""
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_reader(stop, stopped.set)
        app = await self._make_app()
        app.middlewares.append(self._guard)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            ready(runner.addresses[0][1])
            await stopped.wait()
        finally:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        cookie = f"fluvio-tui-{request.url.port}"
        given = request.query.get("token") or request.cookies.get(cookie, "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise web.HTTPForbidden(text="open the address that 'fluvio-tui serve' printed\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
            response.set_cookie(cookie, self.token, httponly=True, samesite="Strict")
        return response

    async def handle_index(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.Response(text=self._page, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        # Cookies do not tell ports apart: another server on this machine has pages, too.
        if request.headers.get("Origin", "").partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="a page of another server")
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST_MESSAGE)
        await websocket.prepare(request)

        async def close() -> None:
            await websocket.close()

        viewer = Viewer(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        self._sockets.add(websocket)
        try:
            size = (to_int(request.query.get(name, ""), 80) for name in ("width", "height"))
            await viewer.start(*size)
            await self._process_messages(websocket, viewer)
        except (ValueError, TypeError, LookupError, AttributeError, AssertionError, ConnectionError):
            # Messages that no page of this server sends, or a connection that was lost.
            pass
        finally:
            self._sockets.discard(websocket)
            await viewer.stop()
            await websocket.close()
        return websocket

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the caller does."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        await asyncio.gather(*(socket.close() for socket in tuple(self._sockets)))
