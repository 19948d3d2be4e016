"""Draws a histogram over time: a bar of cells per bucket, its parts stacked."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from engine import units
from engine.live.time_histogram import TimeHistogram
from engine.live.versions.switch import Switch
from tui import format
from tui.dashboard.present.charts.plot import DOTS_ACROSS, Row, joined
from tui.dashboard.present.charts.trends import Mark

_EIGHTHS = 8
_PARTS = (
    ("failed", "$error", "!"),
    ("passed", "$success", "█"),
    ("dropped", "$foreground 45%", "░"),
    ("pending", "$foreground 20%", "·"),
)
"""From the bottom: a part, its colour, and its sign where there are no colours."""
_COUNTED = {False: "passed", True: "pending"}
"""By whether there is a SmartStream: the part that has the records which are only counted."""
_TICK_CELLS = 14
_DAY = 86_400_000
_SECOND = 1_000


def bars(found: TimeHistogram, height: int, *, coloured: bool) -> list[Row]:
    """Rows of runs from the top, with one cell for each bucket."""
    counts = np.stack([getattr(found, name) for name, _, _ in _PARTS])
    steps = counts * height * _EIGHTHS // max(int(found.totals.max()), 1)
    # A single record among many is seen.
    tops = np.minimum(np.cumsum(np.maximum(steps, counts > 0), axis=0), height * _EIGHTHS)
    bottoms = range((height - 1) * _EIGHTHS, -1, -_EIGHTHS)
    columns = tops.T.tolist()
    return [joined(_cell(column, bottom, coloured=coloured) for column in columns) for bottom in bottoms]


def _cell(tops: Sequence[int], bottom: int, *, coloured: bool) -> tuple[str, str]:
    """What of a bar is in a cell: the lowest part, and behind it the next."""
    inside = [
        (min(top - bottom, _EIGHTHS), colour, sign)
        for (_, colour, sign), below, top in zip(_PARTS, (0, *tops), tops, strict=False)
        if max(below, bottom) < top and below < bottom + _EIGHTHS
    ]
    if not inside:
        return " ", ""
    if not coloured:
        failed = (sign for _, _, sign in inside if sign == "!")
        return next(failed, inside[0][2]), ""
    filled, colour, _ = inside[0]
    behind = f" on {inside[1][1]}" if len(inside) > 1 and filled < _EIGHTHS else ""
    return format.BARS[filled - 1], f"{colour}{behind}"


def legend(found: TimeHistogram, *, filtered: bool, coloured: bool, about: bool) -> Row:
    """The parts that there are, with their records; `filtered` by a SmartStream, `about` if estimated."""
    row: Row = []
    for name, colour, sign in _PARTS:
        total = int(getattr(found, name).sum())
        if total:
            said = name if filtered else "records"
            # What a SmartStream made of records is known.
            number = f"{'about ' if about and name == _COUNTED[filtered] else ''}{units.count(total)}"
            row.append((f"  {'■' if coloured else sign} {said} {number}", colour))
    return row


def at(found: TimeHistogram, bucket: int, *, filtered: bool, about: bool = False) -> str:
    """A bucket in words; `about` if its records are estimated."""
    counts = ((name, int(getattr(found, name)[bucket])) for name, _, _ in _PARTS)
    if filtered:
        said = " · ".join(f"{units.count(count)} {name}" for name, count in counts if count)
    else:
        said = units.plural(int(found.totals[bucket]), "record")
    said = f"about {said}" if about and found.totals[bucket] else said
    return f"{moment(found.start + bucket * found.width, found.width)}  {said or 'no records'}"


def axis(found: TimeHistogram, width: int) -> str:
    """Times below the bars, each at its bucket."""
    text = ""
    for bucket in range(0, len(found), _TICK_CELLS):
        label = f"╵{moment(found.start + bucket * found.width, found.width)}"
        if bucket + len(label) <= width:
            text = f"{text:<{bucket}}{label}"
    return f"{text:<{width}}"


def moment(milliseconds: int, width: int) -> str:
    """When a bucket of this many milliseconds begins, no more exactly than that says anything."""
    try:
        when = datetime.fromtimestamp(milliseconds // _SECOND, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms"
    if width >= _DAY:
        return f"{when:%Y-%m-%d}"
    if width >= 60 * _SECOND:
        return f"{when:%m-%d %H:%M}"
    return f"{when:%H:%M:%S}" + ("" if width >= _SECOND else f".{milliseconds % _SECOND:03d}")


def marks(found: TimeHistogram, consumer: int, switches: Iterable[Switch], behind: float) -> list[Mark]:
    """Where other versions began, for `plot.mark_labels`.

    `behind` is by how many seconds the clock of switches is behind that of records.
    """
    places = ((found.bucket((one.second + behind) * _SECOND), one.version) for one in switches)
    return [Mark(place * DOTS_ACROSS, consumer, version) for place, version in places if place is not None]
