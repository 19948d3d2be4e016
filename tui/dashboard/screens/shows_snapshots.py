"""A screen over the dashboard that is drawn again with each snapshot."""

from typing import Protocol, runtime_checkable

from engine.live.snapshots import WorkbenchSnapshot


@runtime_checkable
class ShowsSnapshots(Protocol):
    """Such a screen."""

    def show_snapshot(self, snapshot: WorkbenchSnapshot) -> None: ...
