"""A schema registry for tests: the documented calls that the program makes, served on loopback.

It is not a real one. The program was tried with Apicurio Registry 2.6.13 (`/apis/ccompat/v7`), which is a
download of 140 MB and takes half a minute to start.
"""

import base64
import json
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class RegistryServer:
    """Schemas by id, and the requests that came."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.schemas: dict[int, dict[str, Any]] = {}
        self.names: dict[int, tuple[str, int]] = {}
        self.requests: list[str] = []
        self.authorizations: list[str | None] = []
        self.status = 200
        """Of every answer, unless it is another one that is due."""
        self.gate = threading.Event()
        """Answers wait for it."""
        self.gate.set()
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.authorization = f"Basic {pair}" if user else None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(
        self,
        schema: object,
        kind: str = "AVRO",
        subject: str = "orders-value",
        references: list[dict[str, Any]] | None = None,
    ) -> int:
        """Keep a schema; its id."""
        identity = len(self.schemas) + 1
        text = schema if isinstance(schema, str) else json.dumps(schema)
        found: dict[str, Any] = {"schema": text}
        if kind != "AVRO":
            found["schemaType"] = kind
        if references:
            found["references"] = references
        version = 1 + sum(named == subject for named, _ in self.names.values())
        self.schemas[identity] = found
        self.names[identity] = (subject, version)
        return identity

    def answer(self, path: str) -> object:
        """What a path has; None for nothing."""
        match [unquote(part) for part in path.strip("/").split("/")]:
            case ["schemas", "types"]:
                return ["JSON", "PROTOBUF", "AVRO"]
            case ["schemas", "ids", identity]:
                return self.schemas.get(int(identity))
            case ["schemas", "ids", identity, "versions"] if int(identity) in self.names:
                subject, version = self.names[int(identity)]
                return [{"subject": subject, "version": version}]
            case ["subjects", subject, "versions", version]:
                named = [i for i, name in self.names.items() if name == (subject, int(version))]
                return {**self.schemas[named[0]], "id": named[0], "subject": subject} if named else None
        return None

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def framed(identity: int, payload: bytes) -> bytes:
    """A value in the wire format."""
    return struct.pack(">bI", 0, identity) + payload


@contextmanager
def registry_server(user: str = "", password: str = "") -> Iterator[RegistryServer]:
    server = RegistryServer(user, password)
    try:
        yield server
    finally:
        server.close()


def _handler(registry: RegistryServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.requests.append(self.path)
            registry.authorizations.append(self.headers["Authorization"])
            registry.gate.wait()
            status, found = registry.status, registry.answer(self.path)
            if registry.authorization not in (None, self.headers["Authorization"]):
                status = 401
            elif status == 200 and found is None:
                status, found = 404, {"error_code": 40403, "message": "Schema not found"}
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler
