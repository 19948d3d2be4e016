"""The panel under the panes: what does not build, what stopped, which record a filter crashed on."""

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present import format
from tui.dashboard.present.problems import Gravity, Trouble, troubles


class ErrorPanel(Vertical):
    """Shows the worst trouble, and how many more there are."""

    class Opened(Message):
        """A person clicked on it to read all."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: tuple[Trouble, ...] = ()
        """The worst one first: that is what is shown."""
        self._title = Static(classes="title", markup=False)
        self._body = Static(markup=False)

    def compose(self) -> ComposeResult:
        """A line over a message."""
        yield self._title
        with VerticalScroll(can_focus=False):
            yield self._body

    def show(self, snapshot: WorkbenchSnapshot, focused: int | None) -> bool:
        """Draw a snapshot; whether anything changed on the screen."""
        found = troubles(snapshot, focused, key_name(self, "dashboard.rebuild"))
        if found == self.troubles:
            return False
        before, self.troubles = self.troubles, found
        self.display = bool(found)
        if found:
            self.set_class(found[0].gravity is Gravity.RECORD, "-record")
            self.set_class(found[0].gravity is Gravity.WARNING, "-warning")
            self._write_title()
            if not before or before[0].body != found[0].body:
                self._body.update(coloured(found[0].body))
        return True

    def on_resize(self) -> None:
        """The title fills the width."""
        self._write_title()

    def on_click(self) -> None:
        """Ask for the whole."""
        self.post_message(self.Opened())

    def _write_title(self) -> None:
        if self.troubles:
            opens = f"{key_name(self, 'dashboard.message')} opens"
            more = len(self.troubles) - 1
            right = f"{more} more · {opens}" if more else opens
            title = _title(self.troubles[0], right, self._title.size.width)
            self._title.update(title, layout=False)


def coloured(body: str) -> Content:
    """A trouble's body with the colours that its escape sequences ask for."""
    return Content.from_rich_text(Text.from_ansi(body))


def _title(trouble: Trouble, right: str, width: int) -> Content:
    colour = "$text-error" if trouble.gravity is Gravity.PIPELINE else "$text-warning"
    what = format.clip(f"{trouble.sign} {trouble.what}", width - cell_len(right) - 1)
    room = width - cell_len(what) - cell_len(right) - 4
    context = format.clip(trouble.context, room) if room > 8 else ""
    left = Content.styled(what, f"bold {colour}")
    if context:
        left += Content.styled(f"  {context}", "$foreground 60%")
    return (
        left + " " * (width - left.cell_length - cell_len(right)) + Content.styled(right, "$foreground 60%")
    )
