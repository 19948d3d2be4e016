"""Where the config file is, and reading it, unchecked. Light to import."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIG = "FLUVIO_TUI_CONFIG"
"""The environment variable that names another config file."""
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is in a config file."""

    path: Path
    exists: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    """Why there are no values: a sentence without a full stop that names the file."""
    octets: bytes = field(default=b"", repr=False)


def config_path() -> Path:
    """Where the config file is, or would be."""
    chosen = os.environ.get(CONFIG)
    if chosen:
        return expanded(chosen)
    from platformdirs import user_config_path

    return user_config_path("fluvio-tui", appauthor=False) / "config.toml"


def expanded(path: str) -> Path:
    """A path with the folder in place of `~`; `~name` of an unknown user stays as it is."""
    with suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)


def flattened(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value with its full name, in which dots divide the names of tables; a name may have dots, too."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def read_content(path: Path | None = None) -> Content:
    """Read the config file."""
    path = path or config_path()
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        missing = f"{path} does not exist, though {CONFIG} names it" if os.environ.get(CONFIG) else ""
        return Content(path=path, exists=False, problem=missing)
    except OSError as error:
        return _unusable(path, f"cannot be read: {error.strerror or error}")
    if len(octets) > MAX_BYTES:
        return _unusable(path, f"is larger than {MAX_BYTES >> 20} MiB", octets)
    import tomllib

    try:
        return Content(path=path, values=tomllib.loads(octets.decode("utf-8")), octets=octets)
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return _unusable(path, f"is not UTF-8 (at line {line})", octets)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _unusable(path, f"is not TOML: {error}", octets)


def _unusable(path: Path, why: str, octets: bytes = b"") -> Content:
    return Content(path=path, problem=f"{path} {why}; using the defaults", octets=octets)
