import pytest

from engine.broker.connection import CONNECTED, Connection, ConnectionState
from tui.config.brokers import COLORS
from tui.dashboard.present.broker_words import broker_style, connection_words


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


@pytest.mark.parametrize(
    ("color", "style"),
    [
        ("#000080", "bold #ffffff on #000080"),
        ("#ffffcc", "bold #10141b on #ffffcc"),
        ("", "bold $background on $secondary"),
    ],
)
def test_a_name_can_be_read_on_each_color(color: str, style: str) -> None:
    assert broker_style(color) == style


def test_each_color_of_a_profile_has_a_style() -> None:
    assert len({broker_style(color) for color in COLORS}) == len(COLORS)
