"""What a dashboard tells the engine about the panes that do not follow the newest records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPane:
    """What one paused pane shows, and lacks."""

    consumer: int | None
    """Whose rows it shows; None for those of the topic."""
    rows: tuple[int, ...] = ()
    """Rows to load: those in view first, then some around them. Those in memory are ignored."""
    first_row: int
    """The oldest row that it can scroll to."""
    start_row: int
    """The first row that it keeps in memory."""
    unevaluated: int = 0
    """How many of the rows that it keeps have left the window, if some of those have no verdict."""
    scrolled_back: bool = False
    """Whether it shows rows before `start_row`, or will."""
    wants_older: bool = False
    """Whether the user is near its first row."""
