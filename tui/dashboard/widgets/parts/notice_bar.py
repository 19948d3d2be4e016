"""A notice under the title: where the demo's filters are, for example."""

from textual.widgets import Static

from tui import format


class NoticeBar(Static):
    """Shows a notice until Escape hides it; takes no room without one."""

    def __init__(self, notice: str) -> None:
        super().__init__(format.harmless_lines(notice), markup=False)
        self.display = bool(notice)
