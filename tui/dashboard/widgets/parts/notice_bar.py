"""A notice under the title: where the demo's filters are, or what happened to the topic."""

from textual.widgets import Static

from tui import format


class NoticeBar(Static):
    """Shows a notice until Escape hides it; takes no room without one."""

    def __init__(self, notice: str) -> None:
        super().__init__(format.harmless_lines(notice), markup=False)
        self.display = bool(notice)
        self._news = ""

    def show(self, news: str) -> bool:
        """Show some news in place of what was there, once; whether they are new."""
        if news == self._news:
            return False
        self._news = news
        self.tell(news)
        return True

    def tell(self, notice: str) -> None:
        """Show a notice in place of what was there; nothing if it is empty."""
        self.update(format.harmless_lines(notice))
        self.display = bool(notice)
