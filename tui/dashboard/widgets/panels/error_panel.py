"""The panel of problems: failed builds, stopped filters, records that a filter crashed on."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from engine.live.snapshots import WorkbenchSnapshot
from tui import format
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.problems import Problem, Severity, problems_of_all
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.parts.words import quiet


class ErrorPanel(Vertical):
    """Shows the worst problem, and counts the others."""

    class Opened(Message):
        """It was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: tuple[Problem, ...] = ()
        """The worst first."""
        self._covered = False
        self._title = Static(classes="title", markup=False)
        self._body = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._title
        with VerticalScroll(can_focus=False):
            yield self._body

    def show(self, snapshots: Iterable[WorkbenchSnapshot], focused: int | None) -> bool:
        found = problems_of_all(snapshots, focused, key_name(self, "dashboard.rebuild"))
        if found == self.problems:
            return False
        before, self.problems = self.problems, found
        self.display = bool(found) and not self._covered
        if found:
            self.set_class(found[0].severity is Severity.RECORD, "-record")
            self.set_class(found[0].severity is Severity.WARNING, "-warning")
            self._write_title()
            if not before or before[0].body != found[0].body:
                self._body.update(coloured(found[0].body))
        return True

    def make_room(self, front: Tab | None) -> None:
        """Keep the title alone beside a tab of the dock, and nothing beside the one that has all messages."""
        self._covered = front is not None and front.key == "dashboard.message"
        self.display = bool(self.problems) and not self._covered
        self.set_class(front is not None and not front.stays, "-brief")

    def on_resize(self) -> None:
        self._write_title()

    def on_click(self) -> None:
        self.post_message(self.Opened())

    def _write_title(self) -> None:
        if self.problems:
            opens = f"{key_name(self, 'dashboard.message')} opens"
            more = len(self.problems) - 1
            right = f"{more} more · {opens}" if more else opens
            title = _title(self.problems[0], right, self._title.size.width)
            self._title.update(title, layout=False)


def coloured(body: str) -> Content:
    """A problem's body with the colours that its escape sequences ask for."""
    return Content.from_rich_text(Text.from_ansi(body))


def _title(problem: Problem, right: str, width: int) -> Content:
    colour = "$text-error" if problem.severity is Severity.PIPELINE else "$text-warning"
    what = format.clip(f"{problem.sign} {problem.what}", width - cell_len(right) - 1)
    room = width - cell_len(what) - cell_len(right) - 4
    context = format.clip(problem.context, room) if room > 8 else ""
    left = Content.styled(what, f"bold {colour}")
    if context:
        left += quiet(f"  {context}")
    return left + " " * (width - left.cell_length - cell_len(right)) + quiet(right)
