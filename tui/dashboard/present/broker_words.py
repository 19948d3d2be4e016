"""What the title says of a broker, and in which colour."""

from engine.broker.connection import Connection
from engine.broker.features import Features

_COLORS = {
    "red": "#f27781",
    "orange": "#f0a672",
    "yellow": "#e7c26b",
    "green": "#7fd49a",
    "cyan": "#5cc8e8",
    "blue": "#6ea8f7",
    "purple": "#b99af8",
}
_LIGHT, _DARK = "#ffffff", "#10141b"


def broker_style(color: str) -> str:
    """How a broker's name is drawn; `color` is its profile's, which may be `#rrggbb`, or empty."""
    found = _COLORS.get(color, color)
    if not found:
        return "bold $background on $secondary"
    red, green, blue = (int(found[at : at + 2], 16) for at in (1, 3, 5))
    # As bright as it looks to the eye.
    text = _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else _LIGHT
    return f"bold {text} on {found}"


def connection_words(connection: Connection, now: float) -> str:
    """Empty while it is connected. `now` is by `time.monotonic()`."""
    if connection.state == "connected":
        return ""
    seconds = max(int(now - connection.since), 0)
    words = "reconnecting" if connection.state == "reconnecting" else "not connected"
    return f"{words} since {seconds} s" if seconds < 120 else f"{words} since {seconds // 60} m"


def missing_words(features: Features) -> str:
    """What records of a broker cannot have; empty if they can have all."""
    missing = [name for name in ("headers", "tombstones") if not getattr(features, name)]
    return f"this broker keeps no {' and no '.join(missing)}" if missing else ""
