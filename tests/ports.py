"""Ports of servers that tests stop and start again."""

import contextlib
import random
import socket

HOST = "127.0.0.1"
_BELOW = 32_768
"""From here on systems give connections ports of their own: one could take that of a server that is down."""


def server_ports(count: int) -> list[int]:
    """Ports that nothing listens at."""
    found: list[int] = []
    with contextlib.ExitStack() as opened:
        while len(found) < count:
            port = random.SystemRandom().randrange(10_000, _BELOW)
            with contextlib.suppress(OSError):
                opened.enter_context(socket.create_server((HOST, port)))
                found.append(port)
    return found
