"""The panel of plots: throughput and pass rates over the last minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.present.charts import plot
from tui.dashboard.present.charts.trends import Line, Trends, trends, until
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
"""A plot of this many lines has a title, with the versions beside it."""


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


class PlotPanel(Tab, can_focus=True):
    """Draws once per second, while it is open. A cursor shows the numbers of another time than now."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("plot")
    label, key = "Plot", "dashboard.plot"

    at: reactive[int | None] = reactive(None)
    """The second under the cursor; None until it moved."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._drawn = 0

    @property
    def keys_go_to(self) -> Widget:
        return self

    def close(self) -> None:
        self.at = None

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot if another second has passed; whether it did."""
        if until(snapshot) == self._drawn:
            return False
        self._snapshot, self._drawn = snapshot, until(snapshot)
        self.refresh()
        return True

    def render(self) -> Content:
        width, height = self.size
        if not self._has_room:
            return Content("")
        return draw(self._snapshot, width, height, coloured=not self.app.no_color, at=self.at)

    @property
    def _has_room(self) -> bool:
        return self.size.height >= 2 and self.size.width >= _SCALE + _ENDS + 2

    def action_move(self, step: int) -> None:
        """Move the cursor by steps; it begins at the newest."""
        if self._has_room:
            found = _trends(self._snapshot, _rooms(self._snapshot, self.size.width)[1])
            newest = found.place(found.until)
            place = newest if self.at is None else found.place(self.at) + step
            self.at = found.start + min(max(place, 0), newest) * found.seconds

    def action_end(self, end: int) -> None:
        """Move the cursor to the oldest (-1) or the newest (1) step."""
        self.at = 0 if end < 0 else until(self._snapshot)


def draw(
    snapshot: WorkbenchSnapshot, width: int, height: int, *, coloured: bool, at: int | None = None
) -> Content:
    """`height` lines of `width` cells, with the numbers of the second `at`, or the newest."""
    count, room = _rooms(snapshot, width)
    found = _trends(snapshot, room)
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
    cursor = None if at is None else found.place(at)
    frame = plot.Frame(room - _SCALE - _ENDS, height - 1, coloured, cursor)
    drawn = [_plot(one, found, frame) for one in shown]
    lines = [Content(" " * GAP).join(rows) for rows in zip(*drawn, strict=True)]
    return Content("\n").join([_legend(snapshot, found, width, cursor), *lines])


def _rooms(snapshot: WorkbenchSnapshot, width: int) -> tuple[int, int]:
    """How many plots are side by side, and the cells of each."""
    numbers = any(one.values.history for one in snapshot.consumers)
    wanted = (3 if numbers else 2) if snapshot.consumers else 1
    count = max(min(wanted, (width + GAP) // (LEAST_WIDTH + GAP)), 1)
    return count, (width - (count - 1) * GAP) // count


def _trends(snapshot: WorkbenchSnapshot, room: int) -> Trends:
    return trends(snapshot, (room - _SCALE - _ENDS) * plot.DOTS_ACROSS)


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


def _plot(plotted: Plotted, found: Trends, outer: plot.Frame) -> list[Content]:
    """A title with the versions, the lines between their scale and their numbers, the time.

    `outer` is as high as all of these.
    """
    titled = outer.height >= _TITLED
    frame = replace(outer, height=outer.height - 1 - titled)
    lines = plot.lines_of(plotted.lines, plotted.top, found.marks, frame)
    ends = plot.ends_of(plotted.lines, plotted.top, frame.height, _ENDS - 1)
    zero = _short(plotted.bottom)
    scale = [plotted.scale, *[""] * (frame.height - 2), zero][-frame.height :]
    rows = [
        Content.assemble((f"{number:>{_SCALE - 1}} ", QUIET), *line, " ", *end)
        for number, line, end in zip(scale, lines, ends, strict=True)
    ]
    axis = plot.time_axis(frame.width, found.seconds)
    if frame.cursor is not None:
        axis = plot.with_cursor(axis, frame.cursor // plot.DOTS_ACROSS)
    rows.append(quiet(f"{' ' * _SCALE}{axis}{' ' * _ENDS}"))
    if not titled:
        return rows
    title = quiet(f"{plotted.title} ")
    columns = range(title.cell_length - _SCALE, frame.width)
    labels = plot.mark_labels(found.marks, columns, coloured=frame.coloured)
    return [Content.assemble(title, *labels, " " * _ENDS).truncate(outer.width + _SCALE + _ENDS), *rows]


def _legend(snapshot: WorkbenchSnapshot, found: Trends, width: int, cursor: int | None) -> Content:
    """The name and the numbers of each line at the cursor, or the newest; names are shortened to fit."""
    names = {0: "raw"} | {one.id: format.harmless(one.name) for one in snapshot.consumers}
    passed = {line.consumer: line.at(cursor) for line in found.pass_rates}
    values = {line.consumer: line.at(cursor) for line in found.values}
    words = []
    for line in found.throughputs:
        rate, part, value = line.at(cursor), passed.get(line.consumer), values.get(line.consumer)
        numbers = (
            "" if rate is None else units.rate(rate),
            "" if part is None else units.percent(part),
            "" if value is None else f"value {_short(value)}",
        )
        words.append("".join(f" {number}" for number in numbers if number))
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
    lines = [Content(" " * GAP).join([*_time_words(found, cursor), *form]) for form in forms]
    fitting = next((line for line in lines if line.cell_length <= width), lines[-1])
    return fitting.truncate(width, ellipsis=True)


def _time_words(found: Trends, cursor: int | None) -> list[Content]:
    """How long ago the step under the cursor began."""
    if cursor is None:
        return []
    ago = max(found.until - (found.start + cursor * found.seconds), 0)
    return [quiet(f"▲ {ago} s ago")]
