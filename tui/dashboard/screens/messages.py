"""All problems in full; the error panel shows the start of one."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.problems import Problem
from tui.dashboard.widgets.panels.error_panel import coloured
from tui.dashboard.widgets.parts.reading import Reading


class Messages(ModalScreen[None]):
    """Shows problems, one below the other."""

    BINDINGS = bindings("messages")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self._problems = problems

    def compose(self) -> ComposeResult:
        with Reading(classes="dialog") as box:
            box.border_title = Content("messages")
            box.border_subtitle = Content(f"{key_name(self, 'messages.close')} closes")
            for problem in self._problems:
                yield Static(f"{problem.sign} {problem.what}", markup=False, classes="title")
                if problem.context:
                    yield Static(problem.context, markup=False, classes="context")
                yield Static(coloured(problem.body), classes="body")
