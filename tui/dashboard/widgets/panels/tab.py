"""What every tab of the dock has in common."""

from abc import abstractmethod
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.widgets.rows.record_view import RecordView


class Tab(Vertical):
    """The content of one tab. The dock displays it while it is in front."""

    label: ClassVar[str]
    """In the dock's bar."""
    key: ClassVar[str]
    """The id of the action that opens and closes it."""
    stays: ClassVar[bool] = False
    """Whether it comes back once a tab that was opened over it closes."""

    @property
    def keys_go_to(self) -> Widget | None:
        """What has the focus while this is in front; None if the current pane keeps it."""
        return None

    @property
    def records(self) -> RecordView | None:
        """The records that are listed here, if any are."""
        return None

    def count(self, snapshot: WorkbenchSnapshot) -> str:  # noqa: ARG002
        """What stands beside the label, such as a number of records."""
        return ""

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:  # noqa: ARG002
        """Whether there is something to show."""
        return True

    def open(self, snapshot: WorkbenchSnapshot) -> None:
        """Prepare to be shown: `show` follows."""

    def close(self) -> None:
        """Release what only a shown tab needs."""

    @abstractmethod
    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a snapshot; whether anything changed. Called only while the tab is open."""
