"""Files with options of a broker's client: lines `name=value`."""

import os
from pathlib import Path

from engine.broker.address import ClientOptions, is_secret
from engine.errors import BrokerAddressError

MAX_BYTES = 1 << 20
"""Bytes that are read."""


def read_options(path: Path) -> tuple[ClientOptions, str]:
    """The options in a file of lines `name=value`, and a warning if others may read secrets in it.

    `BrokerAddressError` if it cannot be read, or says something else. No message repeats a value.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_BYTES + 1)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise BrokerAddressError(
            f"cannot read the broker's options in {path}: {error.strerror or error}",
            "name another file with --broker-config",
        ) from error
    found: dict[str, str] = {}
    for number, line in enumerate(octets.decode(errors="surrogateescape").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith(("#", "!")):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BrokerAddressError(f"{path}:{number}: invalid line", "use NAME=VALUE in each line")
        found[name.strip()] = value.strip()
    exposed = mode & 0o077 and any(map(is_secret, found))
    warning = f"others may read the secrets in {path}: run chmod 600 {path}" if exposed else ""
    return ClientOptions(found), warning
