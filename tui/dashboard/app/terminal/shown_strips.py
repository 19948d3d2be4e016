"""What the terminal shows, as strips: most parts of most frames are the same objects as before."""

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.strip import Strip

_Line = dict[int, Strip | None]
"""By the first of their cells."""


class ShownStrips:
    """Leaves out of frames what stands where it is already, before it becomes text."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    def changed(self, update: RenderableType | None) -> RenderableType | None:
        """What to draw of an update."""
        if isinstance(update, ChopsUpdate):
            return _Changed(self, update)
        if isinstance(update, CompositorUpdate):
            # The whole screen: after the terminal was resized or used by another program.
            self._lines.clear()
        return update

    def line(self, y: int, strips: "_Line") -> "_Line":
        """What a line shows, where it is divided as `strips` are."""
        line = self._lines.get(y)
        if line is None or line.keys() != strips.keys():
            line = self._lines[y] = dict.fromkeys(strips)
        return line


class _Changed(ChopsUpdate):
    """Those strips of an update that are not shown yet."""

    def __init__(self, shown: ShownStrips, update: ChopsUpdate) -> None:
        super().__init__(update.chops, update.spans, update.chop_ends)
        self._shown = shown

    def render_segments(self, console: Console) -> str:
        """As Textual's, but for what is shown already."""
        texts = []
        for y, start, stop in self.spans:
            strips = dict(self.chops[y])
            line = self._shown.line(y, strips)
            for (x, strip), end in zip(strips.items(), self.chop_ends[y], strict=False):
                if strip is None or x > stop or end <= start or line[x] is strip:
                    continue
                whole = start <= x < stop and end <= stop
                line[x] = strip if whole else None
                drawn = strip if whole else strip.crop(0, min(end, stop) - x)
                texts.append(f"\x1b[{y + 1};{x + 1}H{drawn.render(console)}")
        return "".join(texts)
