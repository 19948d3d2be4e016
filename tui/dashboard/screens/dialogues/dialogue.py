"""What every dialogue is: a screen over another one, which shows through beside it in darker colours."""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.dashboard.flow.seen_pieces import Line, Piece, SeenPieces
from tui.dashboard.screens.ready_screen import ReadyScreen

Answer = TypeVar("Answer")
OPENING_SECONDS = 1.0
"""How long other frames wait for its first one at most, should that never come."""


class Dialogue(ModalScreen[Answer], ReadyScreen[Answer]):
    """Renders no more of the screen below than is seen beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = _Over(self)
        self._opens_until = time.monotonic() + OPENING_SECONDS

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        self._opens_until = 0.0

    @property
    def opening(self) -> bool:
        """Whether its first frame is still to come, which answers a key: nothing else is as urgent."""
        return time.monotonic() < self._opens_until

    @property
    def below(self) -> Screen[Any] | None:
        stack = self.app.screen_stack
        return next((below for below, above in pairwise(stack) if above is self), None)


class _Over(SeenPieces):
    """Textual would render all of the screen below, and tint each of its segments again."""

    def __init__(self, dialogue: Dialogue[Any]) -> None:
        super().__init__()
        self._dialogue = dialogue

    def _render(self, widget: Widget, pieces: Sequence[tuple[int, Piece]], chops: Sequence[Line]) -> None:
        tint = self._dialogue.styles.background
        below = self._dialogue.below if widget is self._dialogue and tint.a < 1 else None
        if below is None or not isinstance(below._compositor, SeenPieces):
            super()._render(widget, pieces, chops)
            return
        filters = (_TINT, *self._dialogue.get_line_filters())
        lines = below._compositor.chops([(y, start, stop) for y, (start, stop, _) in pieces])
        for y, (start, stop, _) in pieces:
            # Until it is laid out for another size, too.
            if y < len(lines):
                strips = _cut(lines[y], start, stop)
                for line_filter in filters:
                    strips = [strip.apply_filter(line_filter, tint) for strip in strips]
                chops[y][start] = Strip.join(strips)


def _cut(line: Mapping[int, Strip | None], start: int, stop: int) -> list[Strip]:
    """The strips of a line, of which some are rendered, between two cells."""
    return [
        strip.crop(max(start - x, 0), stop - x)
        for x, strip in line.items()
        if strip is not None and x < stop and start < x + strip.cell_length
    ]


class _Tint(LineFilter):
    """Lays a colour over segments. A strip keeps what came of it."""

    def apply(self, segments: Iterable[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, _tinted(style or Style.null(), background), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=4096)
def _tinted(style: Style, tint: Color) -> Style | None:
    (segment,) = BackgroundScreen.process_segments([Segment(" ", style)], tint)
    return segment.style


_TINT = _Tint()
