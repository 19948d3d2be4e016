"""Addresses of brokers: what users write, and what adapters get. Light to import."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.errors import BrokerAddressError

Scheme = Literal["embedded", "fluvio", "kafka"]
DEFAULT_PORTS: Mapping[Scheme, int] = {"fluvio": 9003, "kafka": 9092}
EMBEDDED = "embedded"
HIDDEN = "***"

_SECRET = re.compile(r"password|passwd|secret|token|credential|\.pem$|jaas|private|api.?key", re.IGNORECASE)
_ENDPOINT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?")


class ClientOptions(Mapping[str, str]):
    """Options of a broker's client, by its own names. Secrets are in them, but not in their text."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self._options = dict(options or {})

    def __getitem__(self, name: str) -> str:
        return self._options[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def __repr__(self) -> str:
        return f"ClientOptions({self.shown()})"

    def shown(self) -> dict[str, str]:
        """The options with `***` in place of each secret."""
        return {name: HIDDEN if is_secret(name) else value for name, value in self._options.items()}

    def joined(self, later: Mapping[str, str]) -> "ClientOptions":
        """These options and `later` ones, which win."""
        return ClientOptions({**self._options, **later})


def without_secrets(argument: str) -> str:
    """An argument of a command line with `***` in place of a secret: `NAME=VALUE`, or `USER:PASSWORD@`."""
    name, equals, _ = argument.partition("=")
    if equals and is_secret(name):
        return f"{name}={HIDDEN}"
    return re.sub(r"(:/*)[^\s/]*@", rf"\1{HIDDEN}@", argument)


def is_secret(name: str) -> bool:
    """Whether the value of an option of that name must not be shown."""
    return _SECRET.search(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Which broker to use, and how to reach it."""

    scheme: Scheme = "embedded"
    endpoint: str = ""
    """`host:port`, several separated by commas; empty for the embedded broker, and where `profile` says."""
    profile: str = ""
    """One of the profiles of Fluvio's own config (`fluvio:NAME`), in place of an endpoint."""
    name: str = EMBEDDED
    """What the user calls it: a name from the config file, or else the address. Without secrets."""
    options: ClientOptions = field(default_factory=ClientOptions)
    """Of its client, from all places where users write them; later ones have won already."""
    config_file: Path | None = None
    """The file that some of the options were read from, for messages."""

    def endpoints(self) -> list[tuple[str, int]]:
        """Host and port of each endpoint."""
        return [_host_and_port(one, self.scheme) for one in self.endpoint.split(",") if one]


def parse_address(text: str) -> BrokerAddress:
    """The broker of `embedded`, `kafka://host:port,…`, `fluvio://host:port` or `fluvio:PROFILE`.

    `BrokerAddressError` for anything else, and for a URL with a user, a password or a path.
    """
    if text == EMBEDDED:
        return BrokerAddress()
    scheme, _, rest = text.partition(":")
    if scheme == "fluvio" and rest and not rest.startswith("//"):
        return _fluvio_profile(rest)
    if scheme not in ("fluvio", "kafka") or not rest.startswith("//"):
        shown = f"{scheme}:…" if "@" in text else text
        raise BrokerAddressError(
            f"invalid broker '{shown}'",
            "use kafka://HOST:PORT, fluvio://HOST:PORT, fluvio:PROFILE, embedded, or a name in [brokers]",
        )
    known: Scheme = "fluvio" if scheme == "fluvio" else "kafka"
    places = rest[2:].rstrip("/")
    if "@" in places:
        raise BrokerAddressError(
            f"the address of a broker must not hold a user or password ({known}://{HIDDEN}@…)",
            "write them to a file that only you can read, and name it with --broker-config FILE; "
            "or use password-command or password-env in [brokers.NAME] of the config file",
        )
    endpoint = ",".join(_with_port(one, known) for one in places.split(","))
    return BrokerAddress(scheme=known, endpoint=endpoint, name=f"{known}://{endpoint}")


def _fluvio_profile(name: str) -> BrokerAddress:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        shown = HIDDEN if "@" in name else name
        raise BrokerAddressError(f"invalid name of a Fluvio profile '{shown}'", "see 'fluvio profile list'")
    return BrokerAddress(scheme="fluvio", profile=name, name=f"fluvio:{name}")


def _with_port(endpoint: str, scheme: Scheme) -> str:
    host, port = _host_and_port(endpoint, scheme)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host_and_port(endpoint: str, scheme: Scheme) -> tuple[str, int]:
    found = _ENDPOINT.fullmatch(endpoint)
    port = int((found and found["port"]) or DEFAULT_PORTS.get(scheme, 0))
    if found is None or not 1 <= port <= 65_535:
        raise BrokerAddressError(
            f"invalid address '{endpoint}' of a {scheme} broker",
            f"use HOST:PORT, e.g. h1:{DEFAULT_PORTS[scheme]}",
        )
    return found["host"].strip("[]"), port
