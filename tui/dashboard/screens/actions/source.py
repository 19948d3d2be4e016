"""What keys do with the source that is edited beside the panes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from engine.builds.languages import language_of
from engine.errors import EngineError
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.flow.source_file import SourceChangedError, SourceFile
from tui.dashboard.present.builds.source_notes import line_to_fix
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.dialogues.question import Question
from tui.dashboard.widgets.editor.source_editor import SourceEditor

Then = Callable[[], Awaitable[object]]

_UNSAVED = {"save": "Save it", "discard": "Discard the changes"}
_CONFLICT = {
    "both": "Keep both: copy the other version to a file beside it, and save this one",
    "reload": "Read the file again, without the changes made here",
    "overwrite": "Overwrite the other version",
}


@dataclass(frozen=True)
class SourceActions(Actions):
    """Actions of the target `source`."""

    editor: SourceEditor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        consumer = self.deck.consumer
        return self.editor.display or (consumer is not None and consumer.path is not None)

    def action_open(self) -> None:
        """Edit the source of the current pane, or go back to the editor if it has that source."""
        consumer = self.deck.consumer
        path = None if consumer is None else consumer.path
        if consumer is None or path is None or self.editor.edits(path):
            self.screen.set_focus(self.editor.text)
            return

        async def edit() -> None:
            self.open(path, consumer.id, line_to_fix(consumer, path))

        self.when_saved(edit)

    def open(self, path: Path, consumer: int, line: int | None = None) -> None:
        """Edit a file in place of the one before; `EngineError` if that cannot be."""
        self.editor.open(SourceFile(path), consumer, language_of(path).name.lower())
        if line is not None:
            self.editor.text.go_to(line)

    def close(self) -> None:
        """Close the editor, once what it has is saved or discarded."""

        async def leave() -> None:
            self.editor.close()
            self.screen.set_focus(self.deck.current.view)

        self.when_saved(leave)

    def close_of(self, snapshot: WorkbenchSnapshot) -> None:
        """Close the editor if a consumer of that topic has the source."""
        if self.editor.is_of(snapshot):
            self.editor.close()

    def save(self) -> None:
        self.asking.do(self._save())

    def when_saved(self, then: Then) -> None:
        """Do something once no changes are unsaved: ask, unless there are none."""
        file = self.editor.file
        if file is None or not self.editor.unsaved:
            self.asking.do(then())
            return

        async def answered(answer: str) -> None:
            if answer == "discard" or await self._save(then):
                await then()

        self.asking.ask(Question("unsaved changes", f"{file.path} is not saved", _UNSAVED), answered)

    def notice_other_version(self) -> None:
        """Show what another program wrote, unless changes made here would be lost."""
        file = self.editor.file
        if file is None or not file.changed:
            return
        if self.editor.unsaved:
            self.asking.warn(f"{file.path} was changed by another program: saving asks what to keep")
            return
        try:
            file.reload()
        except EngineError as error:
            self.asking.explain(error)
        else:
            self.editor.show_file()

    async def _save(self, then: Then | None = None) -> bool:
        """Save, or ask what to keep; whether it is saved now. After an answer, `then` follows."""
        try:
            self.editor.save()
        except SourceChangedError as error:

            async def answered(answer: str) -> None:
                self._settle(answer)
                if then is not None:
                    await then()

            self.asking.ask(Question("two versions", error.message, _CONFLICT), answered)
            return False
        return True

    def _settle(self, answer: str) -> None:
        file = self.editor.file
        assert file is not None, "its changes were to be saved"
        if answer == "reload":
            file.reload()
            self.editor.show_file()
            return
        if answer == "both":
            self.asking.tell(f"the other version is in {file.set_aside()}")
        self.editor.save(overwrite=True)
