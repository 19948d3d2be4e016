"""Nodes that accept connections and never answer, as paused ones do: no cluster is needed for that."""

import socket
import threading
from collections.abc import Iterator

import pytest

from engine.broker.kafka.clients import Clients
from engine.errors import BrokerClosedError, BrokerUnreachableError
from tests.waiting import wait_until


@pytest.fixture
def silent() -> Iterator[Clients]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        clients = Clients("staging", {"bootstrap.servers": f"127.0.0.1:{listener.getsockname()[1]}"}, {})
        yield clients
        clients.close()


def test_a_call_that_waits_shows_that_the_connection_is_lost(silent: Clients) -> None:
    ended: list[BrokerClosedError] = []

    def call() -> None:
        try:
            silent.result(silent.admin.describe_cluster(request_timeout=20), "describe it", seconds=60)
        except BrokerClosedError as error:
            ended.append(error)

    assert silent.monitor.connection.state == "connected"
    caller = threading.Thread(target=call)
    caller.start()
    try:
        wait_until(lambda: silent.monitor.connection.state == "reconnecting")
        assert not ended
    finally:
        silent.close()
        caller.join()
    assert ended


def test_a_call_ends_and_names_the_cluster(silent: Clients) -> None:
    with pytest.raises(BrokerUnreachableError, match="staging does not answer"):
        silent.result(silent.admin.describe_cluster(request_timeout=20), "describe it", seconds=1.1)
    assert silent.monitor.connection.state == "reconnecting"
