"""The first steps on the way to a cluster: its names, and its ports."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate

from engine.broker.address import BrokerAddress
from engine.broker.check import BrokerCheck

STEP_SECONDS = 2.0
"""How long one step may take."""


def reach(address: BrokerAddress) -> Iterator[BrokerCheck]:
    """Look up the name of each endpoint, and connect to its port."""
    for host, port in address.endpoints():
        found = _look_up(host, port)
        yield found
        if found.ok:
            yield _connect(host, port)


def _look_up(host: str, port: int) -> BrokerCheck:
    try:
        places = _addresses(host, port)
    except TooLate:
        return _failed("name", f"{host}: no answer within {STEP_SECONDS:g} s", "check the name server")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        return _failed("name", f"{host}: {reason}", "check the name, or use an IP address")
    found = ", ".join(places)
    return BrokerCheck(name="name", ok=True, found=host if found == host else f"{host} is {found}")


def _addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host; `TooLate` after `STEP_SECONDS`."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result([*dict.fromkeys(str(place[4][0]) for place in places)])
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    # A look-up cannot be interrupted: a late one must not keep the program from ending.
    threading.Thread(target=ask, name="look up name", daemon=True).start()
    return answer.result(STEP_SECONDS)


def _connect(host: str, port: int) -> BrokerCheck:
    started = time.monotonic()
    try:
        with socket.create_connection((host, port), STEP_SECONDS):
            milliseconds = (time.monotonic() - started) * 1000
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return _failed("port", f"{host}:{port}: {reason}", "check the cluster, the port and firewalls")
    return BrokerCheck(name="port", ok=True, found=f"{host}:{port} answers, {milliseconds:.0f} ms")


def _failed(name: str, found: str, remedy: str) -> BrokerCheck:
    return BrokerCheck(name=name, ok=False, found=found, remedy=remedy)
