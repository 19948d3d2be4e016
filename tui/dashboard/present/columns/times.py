"""Writes the times of records: in a column of rows, and in full beside a record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from tui import format

_MS = 1_000
_UNITS = (("s", 1, 60), ("m", 60, 60), ("h", 3_600, 48), ("d", 86_400, 0))
"""Of ages: their seconds, and how many of them are written as the next one."""
_DECIMALS = 3
_CELLS = 8
"""Ages and differences end in the same column, so that they can be compared."""


class TimeStyle(Enum):
    """How times are shown; the values are remembered between sessions."""

    LOCAL = "local"
    UTC = "utc"
    AGE = "age"
    STEP = "difference"
    """Since the record in the row above."""

    @property
    def next(self) -> "TimeStyle":
        styles = list(TimeStyle)
        return styles[(styles.index(self) + 1) % len(styles)]


@dataclass(frozen=True, slots=True)
class Times:
    """Writes times, in ms since the epoch, in one style."""

    style: TimeStyle = TimeStyle.LOCAL
    now: int = 0
    """What ages are counted to, in s since the epoch."""

    @property
    def compares(self) -> bool:
        """Whether the same time does not always have the same text."""
        return self.style in (TimeStyle.AGE, TimeStyle.STEP)

    def cell(self, stamp: int, above: int | None, cells: int = 12) -> str:
        """A time in this many cells; `above` is that of the row above, None if that is not known."""
        match self.style:
            case TimeStyle.LOCAL:
                return format.clock(stamp, cells)
            case TimeStyle.UTC:
                return format.utc_clock(stamp, cells)
            case TimeStyle.AGE:
                text = age(self.now * _MS - stamp)
            case TimeStyle.STEP:
                text = "" if above is None else difference(stamp - above, min(cells, _CELLS))
        return text.rjust(min(cells, _CELLS))

    def words(self, stamp: int, above: int | None = None) -> str:
        """A time in full: with the date, and what the style adds."""
        local = format.timestamp(stamp)
        if self.style is TimeStyle.UTC:
            return format.utc_timestamp(stamp)
        if self.style is TimeStyle.AGE:
            return f"{local}, {age(self.now * _MS - stamp)} old"
        if self.style is TimeStyle.STEP and above is not None:
            return f"{local}, {difference(stamp - above)} since the row above"
        return local


def age(milliseconds: int) -> str:
    """How long ago something was: "12s", "3m", "2h", "5d"; with "-" if it is to come."""
    seconds = abs(milliseconds) // _MS
    unit, size = next((name, size) for name, size, most in _UNITS if not most or seconds < size * most)
    return f"{'-' if milliseconds <= -_MS else ''}{seconds // size}{unit}"


def difference(milliseconds: int, cells: int = _CELLS) -> str:
    """A time after another, or before it: "+0.350s", "-1m05s"; less exact in fewer than 8 cells."""
    sign, size = "-" if milliseconds < 0 else "+", abs(milliseconds)
    if size >= 60 * _MS:
        minutes, seconds = divmod(size // _MS, 60)
        whole = f"{sign}{minutes}m{seconds:02d}s"
        return whole if minutes < 60 and len(whole) <= cells else f"{sign}{age(size)}"
    forms = (f"{sign}{size / _MS:.{decimals}f}s" for decimals in range(_DECIMALS, 0, -1))
    return next((form for form in forms if len(form) <= cells), f"{sign}{size // _MS}s")


def said(style: TimeStyle, *, in_rows: bool) -> str:
    """The style for the title; empty if no other is possible to have in mind."""
    zone = zone_name(datetime.now().astimezone().utcoffset())
    if style is TimeStyle.LOCAL:
        # Where local time is UTC there is nothing to confuse it with.
        return zone if in_rows and zone != "UTC" else ""
    return {TimeStyle.UTC: "UTC", TimeStyle.AGE: "age", TimeStyle.STEP: "since row above"}[style]


def zone_name(offset: timedelta | None) -> str:
    """A time zone by its distance from UTC: "UTC", "UTC+2", "UTC-3:30"."""
    minutes = round((offset or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"
