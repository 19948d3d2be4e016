"""The dashboard in a browser, and who may see it."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from engine.files import replace_file
from tests.browser.chromium import Chromium
from tests.browser.conftest import Served
from tests.e2e.conftest import World
from tests.waiting import PATIENCE, wait_until

Serve = Callable[..., Served]

FILTER = """\
#[smartstream(filter)]
fn chosen(record: &Record) -> Result<bool> {{
    Ok(record.value.starts_with(b"{prefix}"))
}}
"""
FRUIT = [f"{name} {number}" for number in range(3) for name in ("apple", "banana", "cherry")]


def open_socket(served: Served, *, token: str | None = None, origin: str | None = None) -> ClientConnection:
    host = f"127.0.0.1:{served.port}"
    return connect(
        f"ws://{host}/ws?width=100&height=30",
        origin=origin or f"http://{host}",  # type: ignore[arg-type]
        additional_headers={"Cookie": f"fluvio-tui-{served.port}={served.token if token is None else token}"},
        open_timeout=PATIENCE,
    )


def shown(socket: ClientConnection, wanted: bytes) -> bytes:
    """What a dashboard draws until something is in it."""
    found = b""
    while wanted not in found:
        part = socket.recv(timeout=PATIENCE)
        found += part if isinstance(part, bytes) else part.encode()
    return found


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.cargo
def test_dashboard_works_in_a_browser(world: World, serve: Serve, browser: Chromium, tmp_path: Path) -> None:
    world.produce("fruit", *FRUIT)
    path = world.filter("chosen.rs", FILTER.format(prefix="apple"))
    served = serve("watch", "fruit", "-f", path)
    page = browser.open(served.address)
    page.until(lambda: "live v1" in page.text and page.text.count("apple 2") == 2)
    assert page.evaluate("location.search") == "", "the token is not in the history"

    page.type("?")
    page.until(lambda: "type to filter" in page.text)
    page.type("builds")
    page.until(lambda: "Switch to an earlier build" in page.text and "Pause all panes" not in page.text)

    other = browser.open(served.address)
    other.until(lambda: "live v1" in other.text)
    assert "type to filter" not in other.text, "each viewer has a session of their own"

    # In one step, so that no save in between takes a number.
    replace_file(path, FILTER.format(prefix="banana").encode())
    other.until(lambda: "live v2" in other.text and other.text.count("banana 2") == 2)
    page.type("\x1b")
    page.until(lambda: "live v2" in page.text and "type to filter" not in page.text)

    picture = tmp_path / "page.png"
    page.picture(picture)
    assert picture.stat().st_size > 10_000, "the picture has text"
    assert page.complaints == other.complaints == []
    assert served.end() == 128 + signal.SIGTERM
    wait_until(lambda: not world.processes())


def test_nothing_is_served_without_the_token(world: World, serve: Serve) -> None:
    world.produce("fruit", *FRUIT)
    served = serve("watch", "fruit")
    place = served.address.partition("?")[0]
    for path in ("", "static/js/textual.js", "ws", "download/x", "?token=", "?token=%C3%A9"):
        assert status(f"{place}{path}") == 403
    with urllib.request.urlopen(served.address, timeout=PATIENCE) as answer:
        assert answer.status == 200
        assert all(word in answer.headers["Set-Cookie"] for word in ("HttpOnly", "SameSite=Strict"))
        assert (answer.headers["X-Frame-Options"], answer.headers["Referrer-Policy"]) == (
            "DENY",
            "no-referrer",
        )
    for given in ({"token": "wrong"}, {"token": ""}, {"origin": "http://127.0.0.1:1"}, {"origin": "null"}):
        with pytest.raises(InvalidStatus) as caught:
            open_socket(served, **given)
        assert caught.value.response.status_code == 403
    assert len(world.processes()) == 1, "only the server"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_dashboards_end_with_their_server(world: World, serve: Serve, number: signal.Signals) -> None:
    world.produce("fruit", *FRUIT)
    served = serve("watch", "fruit")
    with open_socket(served) as socket:
        shown(socket, b"cherry")
        assert len(world.processes()) > 1
        served.end(number)
        wait_until(lambda: not world.processes())


def test_dashboard_ends_with_its_connection(world: World, serve: Serve) -> None:
    world.produce("fruit", *FRUIT)
    served = serve("watch", "fruit")
    with open_socket(served) as socket:
        shown(socket, b"cherry")
        socket.send(json.dumps(["resize", {"width": 10**9, "height": -1}]))
        socket.send(json.dumps(["stdin", "?"]))
        before = len(world.processes())
    wait_until(lambda: len(world.processes()) < before)
    assert served.process.poll() is None
    with open_socket(served) as socket:
        shown(socket, b"cherry")
        socket.send("no JSON")
        with pytest.raises(ConnectionClosed):
            shown(socket, b"never")
    with open_socket(served) as socket:
        shown(socket, b"cherry")
        socket.send(json.dumps(["stdin", "q"]))
        wait_until(lambda: len(world.processes()) == 1)
