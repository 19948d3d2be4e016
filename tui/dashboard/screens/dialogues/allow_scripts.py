"""Asks whether build scripts and macros of crates may run."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from engine.builds.rust.crates.permissions import BuildScriptsError
from tui import format
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.reading import Reading

_WHAT = "These run on this machine as you, outside of the sandbox:"


class AllowScripts(Dialogue[bool]):
    """Names the crates; the answer is True if they are allowed, otherwise none."""

    BINDINGS = bindings("scripts")

    def __init__(self, error: BuildScriptsError) -> None:
        super().__init__()
        self._crates = error.crates

    def compose(self) -> ComposeResult:
        with Reading(classes="dialog") as box:
            box.border_title = Content("build scripts and macros of crates")
            allow, refuse = (key_name(self, f"scripts.{key}") for key in ("allow", "refuse"))
            box.border_subtitle = Content(f"{allow} allows them in these versions, {refuse} does not")
            yield Static(_WHAT, markup=False)
            yield Static(format.harmless_lines("\n".join(self._crates)), markup=False, classes="body")
