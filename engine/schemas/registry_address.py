"""The address of a schema registry. Light to import."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from engine.units import InvalidValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAddress:
    """Where a registry is, and how to sign in."""

    url: str
    """`http://host:port`, or `https://…`, perhaps with a path; without secrets."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    """A file with the certificates to trust; None for those of the system."""


def parse_registry(text: str) -> str:
    """The URL of a registry, without a slash at its end; `InvalidValueError`, which repeats no secret."""
    try:
        parts = urlsplit(text)
        port_is_good = parts.port != 0
    except ValueError:
        parts, port_is_good = urlsplit(""), False
    if "@" in text:
        raise InvalidValueError(
            "the address of a schema registry must not hold a user or password: "
            "use registry-user, and registry-password-env or registry-password-command, in [brokers.NAME]",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or parts.query:
        raise InvalidValueError(f"invalid schema registry '{text}': use e.g. http://localhost:8081")
    return text.rstrip("/")
