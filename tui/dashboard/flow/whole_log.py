"""A search that continues through the log, beyond what panes have loaded."""

from collections.abc import Callable

from engine.live.scrollback.log_search import Hit, LogProgress, LogSearch
from engine.live.stoppable import Stoppables
from engine.live.window.matcher import Matcher
from engine.live.window.snapshot import WindowSnapshot
from tui.dashboard.flow.open_topic import OpenTopic


class WholeLog:
    """One search, in the log of one topic, or none."""

    def __init__(self) -> None:
        self._search: LogSearch | None = None
        self.topic: OpenTopic | None = None
        """Whose log is searched."""
        self._stopped = Stoppables[LogSearch]()
        """They end within a page."""
        self._awaits = False
        """Whether the next hit was asked for and not taken yet."""
        self._asked_row = 0
        """The first row that was loaded then."""

    def progress(self, topic: OpenTopic) -> LogProgress | None:
        """None if the log of that topic is not searched."""
        return None if self._search is None or topic is not self.topic else self._search.progress

    @property
    def running(self) -> bool:
        return self._search is not None and self._search.progress.running

    def offers(self, topic: OpenTopic, loaded: WindowSnapshot) -> bool:
        """Whether the log may have hits before some rows that are loaded."""
        progress = self.progress(topic)
        ended = progress is not None and progress.complete and progress.next is None
        if ended and loaded.first_row <= self._asked_row:
            return False
        return topic.snapshot.records > len(loaded)

    def go_on(
        self, topic: OpenTopic, matcher: Matcher, loaded: WindowSnapshot, wake: Callable[[], None]
    ) -> None:
        """Find the next hit before some rows that are loaded; the search calls `wake` on progress."""
        search = self._search
        if search is None or topic is not self.topic or search.matcher is not matcher or search.ended:
            self.stop()
            search = self._search = topic.workbench.search_log(matcher, wake)
            self.topic = topic
        search.go_on(loaded)
        self._awaits, self._asked_row = True, loaded.first_row

    def take(self, topic: OpenTopic) -> Hit | LogProgress | None:
        """Once after each `go_on`: the hit that it found, or the end of a search that found none."""
        progress = self.progress(topic)
        if progress is None or not self._awaits or (progress.next is None and progress.running):
            return None
        self._awaits = False
        return progress.next or progress

    def rest(self) -> bool:
        """Stop reading, until the search is to continue; whether it was."""
        running, self._awaits = self.running, False
        if self._search is not None:
            self._search.rest()
        return running

    def stop(self) -> None:
        """End the search."""
        if self._search is not None:
            self._search.stop()
            self._stopped.add(self._search)
        self._search, self.topic, self._awaits = None, None, False

    def close(self) -> None:
        """End the search, and wait for its thread."""
        self.stop()
        self._stopped.close()
