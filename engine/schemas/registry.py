"""A schema registry, by the REST interface that Confluent's, Karapace and Apicurio have in common."""

import base64
import json
import ssl
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

from engine.schemas.errors import RegistryError, SchemaError
from engine.schemas.registry_address import RegistryAddress
from engine.schemas.schema import Schema

CALL_SECONDS = 5.0
"""How long a call takes at most."""
_LARGEST = 1 << 20
"""Bytes of an answer."""
_MOST_REFERENCES = 100
_PIECE = 64 << 10


class Registry:
    """Asks a registry. A call takes `CALL_SECONDS` at most, without the look-up of a name."""

    def __init__(self, address: RegistryAddress) -> None:
        self.address = address
        self._parts = urlsplit(address.url)
        self._headers = {"Accept": "application/vnd.schemaregistry.v1+json, application/json"}
        if address.user:
            pair = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {pair}"

    def schema(self, identity: int) -> Schema:
        """A schema by its id; `SchemaError` if there is none, `RegistryError`."""
        found = self._get(f"/schemas/ids/{identity}")
        if found is None:
            raise SchemaError(f"schema {identity} is not in the registry")
        text, references = _text(found), dict[str, str]()
        self._refer(found, references)
        subject, version = self._name(identity)
        return Schema(
            id=identity,
            kind=str(found.get("schemaType") or "AVRO"),
            text=text,
            references=tuple(references.values()),
            subject=subject,
            version=version,
        )

    def kinds(self) -> list[str]:
        """The kinds of schemas that it keeps; `RegistryError`."""
        found = self._get("/schemas/types")
        return [str(one) for one in found] if isinstance(found, list) else []

    def _name(self, identity: int) -> tuple[str, int]:
        """The subject and version of a schema, the last of several; empty and 0 if it does not say."""
        found = self._get(f"/schemas/ids/{identity}/versions")
        named = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        if not named or not isinstance(named[-1].get("version"), int):
            return "", 0
        return str(named[-1].get("subject", "")), named[-1]["version"]

    def _refer(self, schema: Any, found: dict[str, str], within: tuple[str, ...] = ()) -> None:
        """Add what a schema refers to, each after what it refers to itself."""
        for subject, version in _references(schema):
            name = f"{subject} version {version}"
            if name in found:
                continue
            if name in within or len(found) + len(within) >= _MOST_REFERENCES:
                raise SchemaError("it refers to itself, or to too many others")
            answer = self._get(f"/subjects/{quote(subject, safe='')}/versions/{version}")
            if answer is None:
                raise SchemaError(f"it refers to {name}, which is not in the registry")
            self._refer(answer, found, (*within, name))
            found[name] = _text(answer)

    def _get(self, path: str) -> Any:
        """The answer to a request; None if there is nothing at its path."""
        end = time.monotonic() + CALL_SECONDS
        try:
            with closing(self._connection()) as connection:
                connection.request("GET", self._parts.path + path, headers=self._headers)
                with connection.getresponse() as response:
                    content = _content(response, end)
        except (OSError, HTTPException) as error:
            raise RegistryError(f"{self._who} does not answer: {_why(error)}") from None
        if response.status == 404:
            return None
        if response.status in (401, 403):
            raise RegistryError(
                f"{self._who} refuses {self.address.user or 'requests without a user'}",
                "set registry-user, and registry-password-env or registry-password-command, in its profile",
            )
        # Redirects are not followed: the password is for this server.
        if response.status != 200:
            raise RegistryError(f"{self._who} answers with status {response.status}")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise RegistryError(f"{self._who} does not answer with JSON: is it a schema registry?") from None

    def _connection(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return HTTPConnection(host, port, timeout=CALL_SECONDS)
        context = ssl.create_default_context(cafile=self.address.ca and str(self.address.ca))
        return HTTPSConnection(host, port, timeout=CALL_SECONDS, context=context)

    @property
    def _who(self) -> str:
        return f"the schema registry {self.address.url}"


def _content(response: HTTPResponse, end: float) -> bytes:
    """All of an answer; `OSError` if it comes too slowly, or is too large."""
    pieces: list[bytes] = []
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        if time.monotonic() > end:
            raise TimeoutError(f"its answer takes longer than {CALL_SECONDS:.0f} s")
        if sum(map(len, pieces)) > _LARGEST:
            raise OSError("its answer is too large")
    return b"".join(pieces)


def _references(schema: Any) -> list[tuple[str, int]]:
    """The subjects and versions that a schema refers to; `SchemaError`."""
    try:
        return [(str(one["subject"]), int(one["version"])) for one in schema.get("references") or ()]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SchemaError("the registry's answer has broken references") from None


def _text(answer: Any) -> str:
    if not isinstance(answer, dict) or not isinstance(answer.get("schema"), str):
        raise SchemaError("the registry's answer has no schema")
    return str(answer["schema"])


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused ({error.verify_message}): is registry-ca set?"
    if isinstance(error, TimeoutError):
        return str(error.args[0]) if len(error.args) == 1 else f"no answer in {CALL_SECONDS:.0f} s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
