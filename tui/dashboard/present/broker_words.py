"""What the title says of a broker, and in which colour."""

from engine.broker.connection import Connection

_COLORS = {
    "red": "#f27781",
    "orange": "#f0a672",
    "yellow": "#e7c26b",
    "green": "#7fd49a",
    "cyan": "#5cc8e8",
    "blue": "#6ea8f7",
    "purple": "#b99af8",
}
_DEFAULT = "$secondary"


def broker_color(name: str) -> str:
    """The colour of a profile's `color`, which may be `#rrggbb`, or of a broker without one."""
    return _COLORS.get(name, name) or _DEFAULT


def connection_words(connection: Connection, now: float) -> str:
    """Empty while it is connected. `now` is by `time.monotonic()`."""
    if connection.state == "connected":
        return ""
    seconds = max(int(now - connection.since), 0)
    words = "reconnecting" if connection.state == "reconnecting" else "not connected"
    return f"{words} since {seconds} s" if seconds < 120 else f"{words} since {seconds // 60} m"
