"""The text of a source: highlighted, with notes beside the lines that they are about."""

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from tui.dashboard.present.builds.source_notes import Note

_GRAMMARS = ("rust",)
"""Those that are highlighted. tree-sitter-javascript 0.25.0 ends the process in tree-sitter 0.26.1."""
_SYNTAX = {
    "keyword": ("keyword", "operator"),
    "string": ("string", "escape"),
    "comment": ("comment",),
    "type": ("type", "type.builtin", "constructor"),
    "function": ("function", "function.macro", "function.method", "attribute"),
    "constant": ("constant", "constant.builtin"),
}
"""Names of the highlight query by the component class that styles them."""


class SourceText(TextArea):
    """A `TextArea` with marks in its gutter. Lines are not wrapped."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"source--{name}" for name in _SYNTAX),
        "source--error",
        "source--warning",
    }

    def __init__(self) -> None:
        super().__init__(show_line_numbers=True, soft_wrap=False, tab_behavior="indent")
        self._notes: Mapping[int, Note] = {}

    def on_mount(self) -> None:
        self._colour()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._colour())

    def open(self, text: str, language: str | None) -> None:
        """Show another text, from its start."""
        self.language = language if language in _GRAMMARS else None
        self.load_text(text)

    @property
    def notes(self) -> Mapping[int, Note]:
        """By line, from 1."""
        return self._notes

    def note(self, notes: Mapping[int, Note]) -> bool:
        """Show other notes; whether they are others."""
        changed = notes != self._notes
        if changed:
            self._notes = notes
            self.refresh()
        return changed

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor at a place, both from 1."""
        self.move_cursor((line - 1, column - 1), center=True)

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        number = y + self.scroll_offset.y
        note = self._notes.get(number + 1)
        if note is None:
            return strip
        style = self.get_component_rich_style("source--error" if note.error else "source--warning")
        gutter = self.gutter_width
        text = self.document.get_line(number).expandtabs(self.indent_width)
        # One cell more is for the cursor.
        end = max(gutter + cell_len(text) + 1 - self.scroll_offset.x, gutter)
        parts = [
            strip.crop(0, gutter - 2),
            Strip([Segment(f"{note.sign} ", style)], 2),
            strip.crop(gutter, end),
            Strip([Segment(f"  {note.sign} {note.message}", style)]),
        ]
        return Strip.join(parts).adjust_cell_length(self.size.width, self.rich_style)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            # Textual would move the focus to whatever is next.
            return
        before = self.document.get_line(self.cursor_location[0])[: self.cursor_location[1]]
        await super()._on_key(event)
        if event.key == "enter":
            self.insert(before[: len(before) - len(before.lstrip())])

    def _colour(self) -> None:
        styles = {
            name: self.get_component_rich_style(f"source--{part}", partial=True)
            for part, names in _SYNTAX.items()
            for name in names
        }
        self.register_theme(TextAreaTheme(name="program", syntax_styles=styles))
        self.theme = "css"
        self.theme = "program"
