"""The source of a build, or how the file differs from it."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.builds.source_lines import Line, Tone
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.reading import Reading
from tui.dashboard.widgets.parts.words import QUIET

_STYLES = {
    Tone.TITLE: "bold",
    Tone.TEXT: "$foreground",
    Tone.REMOVED: "$text-error",
    Tone.ADDED: "$text-success",
    Tone.PLACE: QUIET,
}


class SourceOfBuild(Dialogue[None]):
    """Shows some lines under a title."""

    BINDINGS = bindings("source")

    def __init__(self, title: Content, lines: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Reading(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = Content(f"{key_name(self, 'source.close')} closes")
            styled = (Content.styled(line.text, _STYLES[line.tone]) for line in self._lines)
            yield Static(Content("\n").join(styled), markup=False)
