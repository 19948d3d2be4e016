import pytest

from engine.broker.connection import CONNECTED, Connection, ConnectionState
from tui.dashboard.present.broker_words import broker_color, connection_words


@pytest.mark.parametrize(
    ("state", "since", "words"),
    [
        ("reconnecting", 96.5, "reconnecting since 3 s"),
        ("reconnecting", 101.0, "reconnecting since 0 s"),
        ("failed", -200.0, "not connected since 5 m"),
    ],
)
def test_a_connection_in_words(state: ConnectionState, since: float, words: str) -> None:
    assert connection_words(Connection(state=state, since=since), now=100.0) == words


def test_a_connection_that_is_up_needs_no_words() -> None:
    assert connection_words(CONNECTED, now=100.0) == ""


def test_colors() -> None:
    assert broker_color("#123456") == "#123456"
    assert broker_color("red").startswith("#")
    assert broker_color("").startswith("$")
