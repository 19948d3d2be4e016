"""Records what a terminal shows, and makes an SVG of it that plays without a script, also on GitHub.

Each row that was ever shown is drawn once. A frame is a list of rows; frames stand side by side as on a film,
and the style sheet moves the film behind a window of one frame.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby, pairwise

from pyte.screens import Char, Screen
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import MONOKAI

from tests.screenshots.picture import style_of
from tests.terminal import Terminal

CELL, LINE, BASELINE, SIZE, MARGIN, BAR = 8.4, 18, 13.5, 14, 12, 30
"""Pixels: of a character's width, a line's height, from its top to its letters' feet; around the screen."""
LOOKS_PER_SECOND = 10
LONGEST = 3.0
"""Seconds that a frame stays at most, however long the program took."""
LAST = 3.0
"""Seconds of the last frame, before it begins again."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style."""

    column: int
    cells: int
    text: str
    style: Style


Row = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What was shown, and for how long: in seconds."""

    rows: tuple[Row, ...]
    seconds: float


@dataclass
class Recording:
    """Looks at a terminal until it is stopped, and keeps each screen that differs from the one before."""

    terminal: Terminal
    _seen: list[tuple[float, tuple[Row, ...]]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Recording":
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def frames(self) -> list[Frame]:
        """What was seen."""
        times = [at for at, _ in self._seen]
        lengths = [min(end - start, LONGEST) for start, end in pairwise(times)]
        return [Frame(rows, length) for (_, rows), length in zip(self._seen, [*lengths, LAST], strict=True)]

    def _look(self) -> None:
        while not self._stop.wait(1 / LOOKS_PER_SECOND):
            with self.terminal.held() as screen:
                rows = tuple(row_of(screen, number) for number in range(screen.lines))
            if not self._seen or rows != self._seen[-1][1]:
                self._seen.append((time.monotonic(), rows))


def row_of(screen: Screen, number: int) -> Row:
    """A line of a screen, with its cursor."""
    cells = [screen.buffer[number][column] for column in range(screen.columns)]
    if screen.cursor.y == number and not screen.cursor.hidden and screen.cursor.x < screen.columns:
        cells[screen.cursor.x] = cells[screen.cursor.x]._replace(reverse=True)
    runs, column = [], 0
    for style, group in groupby(cells, _visible_style):
        # A wide character has an empty cell after it.
        texts = [cell.data for cell in group]
        runs.append(Run(column, len(texts), "".join(texts), style))
        column += len(texts)
    return tuple(run for run in runs if run.text.strip() or run.style.bgcolor)


def _visible_style(cell: Char) -> Style:
    style = style_of(cell)
    if not style.reverse:
        return style
    front, back = style.color or Color.default(), style.bgcolor or Color.default()
    return Style(color=_hex(back, front=False), bgcolor=_hex(front, front=True), bold=style.bold)


def _hex(color: Color, *, front: bool) -> str:
    return color.get_truecolor(MONOKAI, foreground=front).hex


def film(frames: Sequence[Frame], title: str) -> str:
    """The SVG."""
    columns = max(run.column + run.cells for frame in frames for row in frame.rows for run in row)
    lines = len(frames[0].rows)
    width, height = round(columns * CELL), lines * LINE
    rows = {row: number for number, row in enumerate({row: None for frame in frames for row in frame.rows})}
    styles = {style: number for number, style in enumerate({run.style: None for row in rows for run in row})}
    strip = [
        f'<svg x="{index * width}" width="{width}" height="{height}">'
        + "".join(
            f'<use href="#r{rows[row]}" y="{line * LINE}"/>' for line, row in enumerate(frame.rows) if row
        )
        + "</svg>"
        for index, frame in enumerate(frames)
    ]
    drawn = [f'<g id="r{number}">{_drawn(row, styles)}</g>' for row, number in rows.items()]
    rules = [_rule(style, number) for style, number in styles.items()]
    back = MONOKAI.background_color.hex
    outer = (width + 2 * MARGIN, height + BAR + MARGIN)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outer[0]} {outer[1]}" '
            f'width="{outer[0]}" height="{outer[1]}">',
            f"<title>{escape(title)}</title>",
            "<style>",
            f"text {{ font: {SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', "
            f"monospace; white-space: pre; fill: {MONOKAI.foreground_color.hex} }}",
            "rect { shape-rendering: crispEdges }",
            *rules,
            _moves(frames, width),
            "</style>",
            f"<defs>{''.join(drawn)}</defs>",
            f'<rect width="100%" height="100%" rx="8" fill="{back}"/>',
            *(f'<circle cx="{18 + 20 * index}" cy="15" r="6" fill="{fill}"/>' for index, fill in _LIGHTS),
            f'<text x="50%" y="20" text-anchor="middle">{escape(title)}</text>',
            f'<svg x="{MARGIN}" y="{BAR}" width="{width}" height="{height}"><g class="film">',
            *strip,
            "</g></svg>",
            "</svg>\n",
        ]
    )


_LIGHTS = ((0, "#ff5f57"), (1, "#febc2e"), (2, "#28c840"))


def _drawn(row: Row, styles: Mapping[Style, int]) -> str:
    parts = [
        f'<rect x="{_x(run.column)}" width="{_x(run.cells)}" height="{LINE}" class="b{styles[run.style]}"/>'
        for run in row
        if run.style.bgcolor
    ]
    for run in row:
        before = len(run.text) - len(run.text.lstrip())
        width = run.cells - before - (len(run.text) - len(run.text.rstrip()))
        if shown := run.text.strip():
            parts.append(
                f'<text x="{_x(run.column + before)}" y="{BASELINE}" textLength="{_x(width)}" '
                f'class="f{styles[run.style]}">{escape(shown, quote=False)}</text>'
            )
    return "".join(parts)


def _x(cells: int) -> str:
    return f"{cells * CELL:.1f}".removesuffix(".0")


def _rule(style: Style, number: int) -> str:
    letters = f"fill: {_hex(style.color or Color.default(), front=True)}"
    letters += "; font-weight: bold" * bool(style.bold) + "; font-style: italic" * bool(style.italic)
    letters += "; text-decoration: underline" * bool(style.underline)
    rule = f".f{number} {{ {letters} }}"
    if style.bgcolor:
        rule += f" .b{number} {{ fill: {_hex(style.bgcolor, front=False)} }}"
    return rule


def _moves(frames: Sequence[Frame], width: int) -> str:
    whole, at, stops = sum(frame.seconds for frame in frames), 0.0, []
    for index, frame in enumerate(frames):
        stops.append(f"{at / whole:.3%} {{ transform: translateX({-index * width}px) }}")
        at += frame.seconds
    return (
        f"@keyframes film {{ {' '.join(stops)} }}\n.film {{ animation: film {whole:.1f}s step-end infinite }}"
    )
