"""The panel of plots: throughput and pass rates over the last minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.present import plot
from tui.dashboard.present.trends import Line, Trends, trends, until
from tui.dashboard.widgets.panels.tab import Tab
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
_LARGE = 1e12
"""From here on numbers are powers of ten."""
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
    bottom: float = 0.0
    """Where the scale begins."""


class PlotPanel(Tab):
    """Draws once per second, while it is open."""

    ALLOW_SELECT = False
    label, key = "Plot", "dashboard.plot"

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._drawn = 0

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot if another second has passed; whether it did."""
        if until(snapshot) == self._drawn:
            return False
        self._snapshot, self._drawn = snapshot, until(snapshot)
        self.refresh()
        return True

    def render(self) -> Content:
        width, height = self.size
        if height < 2 or width < _SCALE + _ENDS + 2:
            return Content("")
        return draw(self._snapshot, width, height, coloured=not self.app.no_color)


def draw(snapshot: WorkbenchSnapshot, width: int, height: int, *, coloured: bool) -> Content:
    """`height` lines of `width` cells."""
    numbers = any(one.values.history for one in snapshot.consumers)
    wanted = (3 if numbers else 2) if snapshot.consumers else 1
    count = max(min(wanted, (width + GAP) // (LEAST_WIDTH + GAP)), 1)
    room = (width - (count - 1) * GAP) // count
    found = trends(snapshot, (room - _SCALE - _ENDS) * plot.DOTS_ACROSS)
    rates = plot.round_up(plot.greatest(found.throughputs))
    parts = plot.round_up(plot.greatest(found.pass_rates))
    plots = [
        Plotted("records per second", found.throughputs, rates, units.rate(rates)),
        Plotted("pass rate", found.pass_rates, parts, f"{parts * 100:g}%"),
    ]
    if found.values:
        plots.append(_plotted_values(found.values))
    # Where there is no room for all, what a SmartStream makes of records counts most.
    shown = plots[-count:] if snapshot.consumers else plots[:1]
    drawn = [_plot(one, found, room, height - 1, coloured=coloured) for one in shown]
    lines = [Content(" " * GAP).join(rows) for rows in zip(*drawn, strict=True)]
    return Content("\n").join([_legend(snapshot, found, width), *lines])


def _plotted_values(lines: Sequence[Line]) -> Plotted:
    """The newest outputs; the scale begins at 0, or below the least of them."""
    least = plot.greatest([Line(line.consumer, -line.values) for line in lines])
    bottom = -plot.round_up(least) if least > 0 else 0.0
    top = plot.round_up(plot.greatest(lines))
    raised = [Line(line.consumer, line.values - bottom) for line in lines]
    return Plotted("value", raised, top - bottom, _short(top), bottom)


def _short(number: float) -> str:
    """A number of at most six cells."""
    if abs(number) >= _LARGE:
        return f"{number:.0e}".replace("e+", "e")
    return f"{'-' if number < 0 else ''}{units.quantity(abs(number))}"


def _plot(plotted: Plotted, found: Trends, room: int, height: int, *, coloured: bool) -> list[Content]:
    """A title with the versions, the lines between their scale and their numbers, the time."""
    titled = height >= _TITLED
    frame = plot.Frame(room - _SCALE - _ENDS, height - 1 - titled, coloured)
    lines = plot.lines_of(plotted.lines, plotted.top, found.marks, frame)
    ends = plot.ends_of(plotted.lines, plotted.top, frame.height, _ENDS - 1)
    zero = _short(plotted.bottom)
    scale = [plotted.scale, *[""] * (frame.height - 2), zero][-frame.height :]
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


def _legend(snapshot: WorkbenchSnapshot, found: Trends, width: int) -> Content:
    """The name and the newest numbers of each line; names are shortened to fit."""
    names = {0: "raw"} | {one.id: format.harmless(one.name) for one in snapshot.consumers}
    passed = {line.consumer: line.last for line in found.pass_rates}
    values = {line.consumer: line.last for line in found.values}
    words = []
    for line in found.throughputs:
        part, value = passed.get(line.consumer), values.get(line.consumer)
        newest = (
            "" if line.last is None else units.rate(line.last),
            "" if part is None else units.percent(part),
            "" if value is None else f"value {_short(value)}",
        )
        words.append("".join(f" {number}" for number in newest if number))
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
    lines = [Content(" " * GAP).join(form) for form in forms]
    fitting = next((line for line in lines if line.cell_length <= width), lines[-1])
    return fitting.truncate(width, ellipsis=True)
