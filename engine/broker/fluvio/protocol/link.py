"""Connections to Fluvio's servers, and the requests that they take."""

import contextlib
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from engine.broker.fluvio.protocol.wire import Decoder, Encoder, ProtocolError
from engine.errors import BrokerUnreachableError

ANSWER_SECONDS = 2.0
"""How long a server may take to connect, and to answer a request that it does not wait in."""
LARGEST_MESSAGE = 1 << 30
_CLIENT = "fluvio-tui"
_FRAME = struct.Struct(">ii")
_NO_TIMEOUT_SECONDS = 1e-3


@dataclass(frozen=True, slots=True)
class Api:
    """A kind of request, and the version of its layout."""

    key: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    tls_name: str = ""
    """The name in the server's certificate."""

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """What a server sent: the number of the request that it is for, and its content."""

    request: int
    content: Decoder


class Link:
    """A connection to an SC or SPU. One thread uses it at a time; any thread may close it.

    `BrokerUnreachableError` if the server cannot be reached, does not answer in time, or ended the
    connection: the link is of no more use then.
    """

    def __init__(self, endpoint: Endpoint, timeout: float = ANSWER_SECONDS) -> None:
        self.endpoint = endpoint
        self._requests = itertools.count(1)
        self._closing = threading.Lock()
        try:
            plain = socket.create_connection((endpoint.host, endpoint.port), timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            name = endpoint.tls_name or endpoint.host
            self._socket = endpoint.tls.wrap_socket(plain, server_hostname=name) if endpoint.tls else plain
        except OSError as error:
            raise self._unreachable(error) from None

    def send(self, api: Api, body: Encoder, timeout: float = ANSWER_SECONDS) -> int:
        """Send a request; the number that its answers will have."""
        number = next(self._requests)
        header = Encoder().number("u16", api.key).i16(api.version).i32(number).text(_CLIENT)
        content = bytes(Encoder().i32(len(header) + len(body)).raw(bytes(header)).raw(bytes(body)))
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(content)
        except OSError as error:
            raise self._unreachable(error) from None
        return number

    def receive(self, timeout: float) -> Message | None:
        """The next message; None if none began within `timeout` seconds.

        One that began must go on: a server that stops in the middle for two seconds is unreachable.
        """
        header = self._read(_FRAME.size, timeout)
        if header is None:
            return None
        length, number = _FRAME.unpack(header)
        if not 4 <= length <= LARGEST_MESSAGE:
            raise ProtocolError(f"{self.endpoint.name} does not speak Fluvio's protocol")
        content = self._read(length - 4, ANSWER_SECONDS) if length > 4 else b""
        if content is None:
            raise self._unreachable(TimeoutError())
        return Message(number, Decoder(content))

    def call(self, api: Api, body: Encoder, timeout: float = ANSWER_SECONDS) -> Decoder:
        """Send a request and wait for its answer."""
        number, deadline = self.send(api, body, timeout), time.monotonic() + timeout
        while (message := self.receive(max(deadline - time.monotonic(), 0))) is not None:
            if message.request == number:
                return message.content
        raise self._unreachable(TimeoutError())

    def idle(self) -> bool:
        """Whether the server has neither sent anything nor ended the connection."""
        try:
            self._socket.settimeout(0)
            self._socket.recv(1, 0 if isinstance(self._socket, ssl.SSLSocket) else socket.MSG_PEEK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except (OSError, ValueError):
            return False
        return False

    def close(self) -> None:
        """End the connection: a call under way fails. May be called again."""
        with self._closing, contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with self._closing:
            self._socket.close()

    def _read(self, length: int, timeout: float) -> bytearray | None:
        """Exactly that many bytes; None if not one came in time."""
        buffer = bytearray(length)
        view, at = memoryview(buffer), 0
        try:
            while at < length:
                seconds = timeout if not at else ANSWER_SECONDS
                self._socket.settimeout(max(seconds, _NO_TIMEOUT_SECONDS))
                count = self._socket.recv_into(view[at:])
                if not count:
                    raise ConnectionResetError("it ended the connection")
                at += count
        except TimeoutError as error:
            if not at:
                return None
            raise self._unreachable(error) from None
        except (OSError, ValueError) as error:
            raise self._unreachable(error) from None
        return buffer

    def _unreachable(self, error: Exception) -> BrokerUnreachableError:
        name = self.endpoint.name
        if isinstance(error, TimeoutError):
            problem = "it does not answer"
        elif isinstance(error, ssl.SSLError):
            problem = f"its TLS is refused: {error.reason or error}"
        else:
            problem = (getattr(error, "strerror", None) or str(error)).lower()
        return BrokerUnreachableError(f"cannot reach Fluvio's server {name}: {problem}", subject=name)


class Links:
    """Connections to servers that are free for the next request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[str, list[Link]] = {}
        self._closed = False

    def call(self, endpoint: Endpoint, api: Api, body: Encoder, timeout: float = ANSWER_SECONDS) -> Decoder:
        """Send a request over a connection that is free, or a new one, and wait for its answer."""
        with self.borrowed(endpoint) as link:
            return link.call(api, body, timeout)

    @contextlib.contextmanager
    def borrowed(self, endpoint: Endpoint) -> Iterator[Link]:
        """A connection for one request, free again afterwards unless that fails."""
        link = self._take(endpoint)
        try:
            yield link
        except BaseException:
            link.close()
            raise
        self._put(link)

    def clear(self) -> None:
        """Close the free connections."""
        with self._lock:
            free = [link for links in self._free.values() for link in links]
            self._free.clear()
        for link in free:
            link.close()

    def close(self) -> None:
        """Close them all; those that are in use are closed after it. May be called again."""
        with self._lock:
            self._closed = True
        self.clear()

    def _take(self, endpoint: Endpoint) -> Link:
        while True:
            with self._lock:
                free = self._free.get(endpoint.name)
                link = free.pop() if free else None
            if link is None:
                return Link(endpoint)
            if link.idle():
                return link
            link.close()

    def _put(self, link: Link) -> None:
        with self._lock:
            if not self._closed:
                self._free.setdefault(link.endpoint.name, []).append(link)
                return
        link.close()
