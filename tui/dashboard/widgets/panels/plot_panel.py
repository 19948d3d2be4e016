"""The panel of plots: throughput and pass rates over the last minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present import plot
from tui.dashboard.present.trends import Line, Trends, trends, until
from tui.dashboard.widgets.parts.words import QUIET, quiet

GAP = 2
LEAST_WIDTH = 32
"""Cells of a plot: if two would be narrower, there is one."""
_ENDS = 3
"""Cells beside a plot for the numbers of its lines."""
_SCALE = 7
"""Cells beside it for its scale."""
_NAME_MOST, _NAME_LEAST = 30, 8
"""Cells of a name, with much room and with little."""
_TITLED = 5
"""A plot of so many lines has a title, with the versions beside it."""


@dataclass(frozen=True, slots=True)
class Plotted:
    """One of the plots."""

    title: str
    lines: Sequence[Line]
    top: float
    scale: str
    """`top` in words."""


class PlotPanel(Widget):
    """Draws once per second, while it is open."""

    ALLOW_SELECT = False

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._drawn = 0

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot if the panel is open and another second has passed; whether it did."""
        if not self.display or until(snapshot) == self._drawn:
            return False
        self._snapshot, self._drawn = snapshot, until(snapshot)
        self.refresh()
        return True

    def render(self) -> Content:
        width, height = self.size
        if height < 2 or width < _SCALE + _ENDS + 2:
            return Content("")
        key, coloured = key_name(self, "dashboard.plot"), not self.app.no_color
        return draw(self._snapshot, width, height, key=key, coloured=coloured)


def draw(snapshot: WorkbenchSnapshot, width: int, height: int, *, key: str, coloured: bool) -> Content:
    """`height` lines of `width` cells; `key` closes."""
    several = bool(snapshot.consumers) and width >= 2 * LEAST_WIDTH + GAP
    room = (width - GAP) // 2 if several else width
    found = trends(snapshot, (room - _SCALE - _ENDS) * plot.DOTS_ACROSS)
    rates = plot.round_up(plot.greatest(found.throughputs))
    parts = plot.round_up(plot.greatest(found.pass_rates))
    plots = [
        Plotted("records per second", found.throughputs, rates, units.rate(rates)),
        Plotted("pass rate", found.pass_rates, parts, f"{parts * 100:g}%"),
    ]
    shown = plots if several else plots[1:] if snapshot.consumers else plots[:1]
    drawn = [_plot(one, found, room, height - 1, coloured=coloured) for one in shown]
    lines = [Content(" " * GAP).join(rows) for rows in zip(*drawn, strict=True)]
    return Content("\n").join([_legend(snapshot, found, width, f"  {key} closes"), *lines])


def _plot(plotted: Plotted, found: Trends, room: int, height: int, *, coloured: bool) -> list[Content]:
    """A title with the versions, the lines between their scale and their numbers, the time."""
    titled = height >= _TITLED
    frame = plot.Frame(room - _SCALE - _ENDS, height - 1 - titled, coloured)
    lines = plot.lines_of(plotted.lines, plotted.top, found.marks, frame)
    ends = plot.ends_of(plotted.lines, plotted.top, frame.height, _ENDS - 1)
    scale = [plotted.scale, *[""] * (frame.height - 2), "0"][-frame.height :]
    rows = [
        Content.assemble((f"{number:>{_SCALE - 1}} ", QUIET), *line, " ", *end)
        for number, line, end in zip(scale, lines, ends, strict=True)
    ]
    axis = plot.time_axis(frame.width, found.seconds)
    rows.append(quiet(f"{' ' * _SCALE}{axis}{' ' * _ENDS}"))
    if not titled:
        return rows
    title = quiet(f"{plotted.title} ")
    columns = range(title.cell_length - _SCALE, frame.width)
    labels = plot.mark_labels(found.marks, columns, coloured=coloured)
    return [Content.assemble(title, *labels, " " * _ENDS).truncate(room), *rows]


def _legend(snapshot: WorkbenchSnapshot, found: Trends, width: int, closes: str) -> Content:
    """The name and the newest numbers of each line; names are shortened to fit."""
    names = {0: "raw"} | {one.id: format.harmless(one.name) for one in snapshot.consumers}
    passed = {line.consumer: line.last for line in found.pass_rates}
    words = []
    for line in found.throughputs:
        numbers = "" if line.last is None else f" {units.rate(line.last)}"
        part = passed.get(line.consumer)
        words.append(numbers if part is None else f"{numbers} {units.percent(part)}")
    forms = (
        [
            Content.styled(
                f"{line.consumer} {format.clip(names[line.consumer], most)}".rstrip(),
                f"bold {plot.colour(line.consumer)}",
            )
            + said
            for line, said in zip(found.throughputs, words, strict=True)
        ]
        for most in (_NAME_MOST, _NAME_LEAST, 0)
    )
    room = width - cell_len(closes)
    lines = [Content(" " * GAP).join(form) for form in forms]
    fitting = next((line for line in lines if line.cell_length <= room), lines[-1])
    return fitting.truncate(room, ellipsis=True) + quiet(closes)
