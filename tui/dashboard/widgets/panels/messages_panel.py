"""The panel of messages: all problems in full; the error panel shows the worst while the dock is closed."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.problems import Problem
from tui.dashboard.widgets.panels.error_panel import ErrorPanel, coloured
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.parts.reading import Reading
from tui.dashboard.widgets.parts.words import Words, quiet


class MessagesPanel(Tab):
    """Shows problems, one below the other."""

    label, key = "Messages", "dashboard.message"

    def __init__(self, errors: ErrorPanel) -> None:
        super().__init__()
        self._errors = errors
        self._words = Words()
        self._page = Reading(self._words)

    def compose(self) -> ComposeResult:
        yield self._page

    @property
    def keys_go_to(self) -> Widget:
        return self._page

    def count(self, snapshot: WorkbenchSnapshot) -> str:  # noqa: ARG002
        return str(len(self._errors.problems))

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:  # noqa: ARG002
        return bool(self._errors.problems)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:  # noqa: ARG002
        return self._words.say(in_full(self._errors.problems))


def in_full(found: Sequence[Problem]) -> Content:
    """Each problem with its message, an empty line between two."""
    parts = []
    for problem in found:
        context = f"  {problem.context}" if problem.context else ""
        parts.append(Content.styled(f"{problem.sign} {problem.what}", "bold") + quiet(context))
        parts[-1] += "\n" + coloured(problem.body)
    return Content("\n\n").join(parts)
