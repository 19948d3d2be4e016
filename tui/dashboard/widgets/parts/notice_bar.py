"""A line under the title for whoever opened the dashboard: where the demo's filters are, for example."""

from textual.widgets import Static

from tui.dashboard.present import format


class NoticeBar(Static):
    """Says one thing until Escape hides it; without anything to say it takes no room."""

    def __init__(self, notice: str) -> None:
        super().__init__(format.harmless_lines(notice), markup=False)
        self.display = bool(notice)
