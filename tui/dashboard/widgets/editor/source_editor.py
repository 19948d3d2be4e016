"""A source that is edited beside its panes."""

from collections.abc import Iterable
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.flow.source_file import SourceFile
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.present.builds.source_notes import Note, source_notes
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS
from tui.dashboard.widgets.editor.source_text import SourceText
from tui.dashboard.widgets.parts.words import Words, quiet


class SourceEditor(Vertical):
    """Takes no room while nothing is edited. What is asked of the user is the screen's affair."""

    BINDINGS = bindings("editor")

    class Saving(Message):
        """The user wants to save."""

    class Left(Message):
        """The user goes back to the panes."""

    class ChangedOutside(Message):
        """A build began of a file that holds something else than what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self.file: SourceFile | None = None
        self._kept = ""
        """The text as it was opened or saved last."""
        self._consumer: int | None = None
        self._seen: object = None
        """The build that was looked at last."""
        self._title = Words("title")
        self._note = Words("note")
        self.text = SourceText()

    def compose(self) -> ComposeResult:
        yield from (self._title, self.text, self._note)

    @property
    def unsaved(self) -> bool:
        return self.file is not None and self.text.text != self._kept

    def open(self, file: SourceFile, consumer: int, language: str | None) -> None:
        """Edit a file of a consumer's."""
        self.file, self._consumer, self._seen = file, consumer, None
        self.text.open(file.text, language)
        self._kept = self.text.text
        self.display = True
        self.screen.set_focus(self.text)

    def show_file(self) -> None:
        """Show what the file has now, with the cursor where it was."""
        assert self.file is not None, "only an open one is read again"
        line, column = self.text.cursor_location
        self.text.load_text(self.file.text)
        self._kept = self.text.text
        self.text.go_to(line + 1, column + 1)

    def save(self, *, overwrite: bool = False) -> None:
        """Write the file, as `SourceFile.save` does."""
        assert self.file is not None, "only an open one is saved"
        self.file.save(self.text.text, overwrite=overwrite)
        self._kept = self.text.text

    def close(self) -> None:
        self.file = None
        self.display = False

    def edits(self, path: Path) -> bool:
        return self.file is not None and self.file.path == path

    def is_of(self, snapshot: WorkbenchSnapshot) -> bool:
        """Whether what it edits belongs to a consumer of that topic."""
        return self.file is not None and snapshot.consumer(self._consumer) is not None

    def show(self, snapshots: Iterable[WorkbenchSnapshot]) -> bool:
        """Show what is known about the lines, of all topics; whether anything changed on the screen."""
        if self.file is None:
            return False
        consumer = next(filter(None, (one.consumer(self._consumer) for one in snapshots)), None)
        notes = {} if consumer is None else source_notes(consumer, self.file.path)
        build = consumer and consumer.build and consumer.build.version
        if build != self._seen:
            self._seen = build
            self.post_message(self.ChangedOutside())
        title = Content.styled(format.harmless(self.file.path.name), "bold")
        if consumer is not None:
            state = "building" if consumer.building else consumer.state.value
            sign = "○" if consumer.building else STATE_SIGNS[consumer.state]
            title += Content.styled(f"  {sign} {state} v{consumer.version}", STATE_COLOURS[consumer.state])
        if self.unsaved:
            title += Content.styled("  not saved", "bold $warning")
        keys = hint_line(self, "editor", {"save": "saves", "leave": "to the panes"})
        said = self._title.say(title + quiet(f"  {keys}"))
        return self.text.note(notes) or self._say_note() or said

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._say_note()

    def on_text_area_selection_changed(self) -> None:
        self._say_note()

    def _say_note(self) -> bool:
        """Show the note about the current line in full, else the most important one."""
        notes = self.text.notes
        line = self.text.cursor_location[0] + 1
        shown = line if line in notes else next(iter(notes), None)
        self._note.display = shown is not None
        return self._note.say(Content("") if shown is None else _words(shown, notes[shown]))

    def action_next_note(self) -> None:
        """Go to the next line that there is a note about, around the end."""
        lines = sorted(self.text.notes)
        here = self.text.cursor_location[0] + 1
        if lines:
            line = next((one for one in lines if one > here), lines[0])
            self.text.go_to(line, self.text.notes[line].column)

    def action_save(self) -> None:
        self.post_message(self.Saving())

    def action_leave(self) -> None:
        self.post_message(self.Left())


def _words(line: int, note: Note) -> Content:
    colour = "$text-error" if note.error else "$text-warning"
    return Content.styled(f"{note.sign} line {line}: ", f"bold {colour}") + note.message
