"""Every message in full, where the error panel has room for the beginning of one."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.problems import Trouble
from tui.dashboard.widgets.panels.error_panel import coloured
from tui.dashboard.widgets.parts.reading import Reading


class Messages(ModalScreen[None]):
    """Shows troubles, one under the other."""

    BINDINGS = bindings("messages")

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__()
        self._troubles = troubles

    def compose(self) -> ComposeResult:
        """A title, its context and its body for each."""
        with Reading(classes="dialog") as box:
            box.border_title = Content("messages")
            box.border_subtitle = Content(f"{key_name(self, 'messages.close')} closes")
            for trouble in self._troubles:
                yield Static(f"{trouble.sign} {trouble.what}", markup=False, classes="title")
                if trouble.context:
                    yield Static(trouble.context, markup=False, classes="context")
                yield Static(coloured(trouble.body), classes="body")
