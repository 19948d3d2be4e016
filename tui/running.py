"""The dashboard from its beginning to its end, and how it was left."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.snapshots import ConsumerSnapshot
from tui.app import FluvioTui
from tui.appearance import Appearance
from tui.threads import failures_kept

if TYPE_CHECKING:
    from engine.workbench import Workbench
    from engine.workbenches import Workbenches


@dataclass(frozen=True, slots=True)
class Left:
    """How a person left the dashboard."""

    consumers: Mapping[str, tuple[ConsumerSnapshot, ...]]
    """Those that each topic had when it was left, by topic."""
    chosen_theme: str | None
    """The theme that they chose, where they did."""


def run(
    workbench: "Workbench",
    *,
    appearance: Appearance | None = None,
    notice: str = "",
    stop: int | None = None,
    workbenches: "Workbenches | None" = None,
) -> Left:
    """Show a workbench until the person quits, and return how they left it.

    `notice` is what they see under the title, `workbenches` are the way to other topics. Also ends once the
    descriptor `stop` is readable. Starts the workbench, and closes it and all that came after it, whatever
    happens. The terminal is as it was when this returns. Raises what ended the application, or else a thread.
    """
    app = FluvioTui(
        workbench,
        appearance=appearance,
        notice=notice,
        stop=stop,
        workbenches=workbenches,
        # The screen stays, too: a full collection that visits it takes 30 ms, another 4.
        stands=gc.freeze,
    )
    # What is there now stays: a full collection that visits it stops the screen for 75 ms, another for 8.
    gc.freeze()
    with failures_kept() as failures:
        try:
            app.run()
            app.note_consumers()
            left = Left(app.consumers, app.chosen_theme)
        finally:
            gc.unfreeze()
            for opened in app.opened:
                opened.close()
    if app.failure is not None:
        failures.insert(0, app.failure)
    if failures:
        raise failures[0]
    return left
