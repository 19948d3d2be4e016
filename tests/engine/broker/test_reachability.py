import socket
import threading
from collections.abc import Iterator

import pytest

from engine.broker.address import parse_address
from engine.broker.reachability import reach
from tests.waiting import PATIENCE


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


def test_names_and_ports_are_tried_in_turn(port: int) -> None:
    closed = closed_port()
    steps = list(reach(parse_address(f"kafka://localhost:{port},127.0.0.1:{closed}")))
    assert [(step.name, step.ok) for step in steps] == [
        ("name", True),
        ("port", True),
        ("name", True),
        ("port", False),
    ]
    assert "127.0.0.1" in steps[0].found
    assert f"127.0.0.1:{closed}: Connection refused" in steps[3].found
    assert steps[3].remedy


def test_a_name_that_does_not_exist_is_named() -> None:
    (step,) = reach(parse_address("kafka://no-such-host.invalid:9092"))
    assert (step.name, step.ok) == ("name", False)
    assert step.found.startswith("no-such-host.invalid: ")


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr("engine.broker.reachability.STEP_SECONDS", 0.05)

    def late(*_: object, **__: object) -> list[object]:
        ended.wait(PATIENCE)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", late)
    try:
        (step,) = reach(parse_address("kafka://h1:9092"))
        assert "no answer" in step.found
    finally:
        ended.set()


def test_a_profile_of_fluvio_has_no_steps_here() -> None:
    assert list(reach(parse_address("fluvio:local"))) == []
