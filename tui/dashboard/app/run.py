"""Runs the dashboard, and returns how it was left."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass

from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.gc_policy import collected_seldom
from tui.dashboard.app.session_state import TopicLook
from tui.dashboard.app.thread_errors import failures_kept


@dataclass(frozen=True, slots=True)
class Left:
    """How the dashboard was left."""

    consumers: Mapping[str, tuple[ConsumerSnapshot, ...]]
    """The last ones of each topic, by topic."""
    chosen_theme: str | None
    looks: Mapping[str, TopicLook]
    """How panes were set up, by topic."""


def run(app: FluvioTui) -> Left:
    """Show a workbench until the user quits, or the app's descriptor `stop` is readable.

    Starts the workbench, and in any case closes it and all that came after it, and restores the terminal.
    Raises what ended the application, or else a thread.
    """
    # The screen's 30,000 objects stay as well.
    app.stands = gc.freeze
    with failures_kept() as failures, collected_seldom():
        try:
            app.run()
            app.note_panes()
            left = Left(app.consumers, app.chosen_theme, app.looks)
        finally:
            for opened in app.opened:
                opened.close()
    if app.failure is not None:
        failures.insert(0, app.failure)
    if failures:
        raise failures[0]
    return left
