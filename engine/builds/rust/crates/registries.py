"""Where crates come from: the registries, mirrors and proxies in your own configuration of cargo."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.builds.rust.toolchain import home_folder
from engine.errors import BuildError
from engine.files import create_folder, replace_file

_TABLES = ("source", "registries", "registry", "http", "net")
_PATHS = ("directory", "local-registry", "cainfo", "proxy-cainfo")
"""Settings that are relative to the folder that `.cargo` is in."""
_CREDENTIALS = "credentials.toml"


def adopt_registries(home: Path, environ: Mapping[str, str]) -> None:
    """Write a configuration for the cargo home `home` that fetches as your own does, and no more of yours.

    `BuildError` if yours cannot be read.
    """
    yours = Path(environ.get("CARGO_HOME") or home_folder(environ) / ".cargo")
    create_folder(home)
    replace_file(home / "config.toml", _configuration(yours).encode(), durable=False, private=True)
    credentials = home / _CREDENTIALS
    with suppress(FileNotFoundError):
        credentials.unlink()
    if (yours / _CREDENTIALS).exists():
        with suppress(FileExistsError):
            credentials.symlink_to(yours / _CREDENTIALS)


def mirror_of(home: Path) -> str:
    """What crates.io is replaced by in a cargo home; its own name if it is not."""
    with suppress(OSError, ValueError, AttributeError):
        sources = tomllib.loads((home / "config.toml").read_text(encoding="utf-8")).get("source", {})
        named = sources.get("crates-io", {}).get("replace-with")
        if named:
            return f"{named}, which replaces crates.io,"
    return "crates.io"


def _configuration(yours: Path) -> str:
    # cargo prefers the older name.
    for name in ("config", "config.toml"):
        path = yours / name
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError, RecursionError) as error:
            raise BuildError(
                f"{path} cannot be read: {error}", "correct it: crates are fetched by it"
            ) from None
        kept = {table: content[table] for table in _TABLES if table in content}
        return "".join(_settings(kept, (), yours.resolve().parent))
    return ""


def _settings(value: Any, keys: tuple[str, ...], base: Path) -> Iterator[str]:
    """Lines that set a value in TOML, each by its whole key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _settings(inner, (*keys, key), base)
    elif isinstance(value, str | bool | int | list):
        if keys[-1] in _PATHS and isinstance(value, str):
            value = str(base / value)
        name = ".".join(json.dumps(key, ensure_ascii=False) for key in keys)
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
