"""Searches the pages that are read back, the newest first."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from engine.errors import BrokerError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page
from engine.live.window.matcher import Matcher, Rows


class PageSearch:
    """One search, or none without a matcher. Only one thread may call `step`."""

    def __init__(self, matcher: Matcher | None = None) -> None:
        self.matcher = matcher
        self.found: Mapping[Page, Rows] = MappingProxyType({})
        """The rows that match, ascending, by page. Replaced, and never changed."""
        self._stopped = False

    def stop(self) -> None:
        """End a step soon, without a result. Any thread may call."""
        self._stopped = True

    def step(self, pages: Sequence[Page], log: LogPages) -> bool:
        """Search the newest page that is not searched yet; whether there was one."""
        page = next((page for page in reversed(pages) if page not in self.found), None)
        if page is None or self.matcher is None:
            return False
        rows = self._search(self.matcher, page, log)
        if self._stopped:
            return False
        known = set(pages)
        kept = {page: rows for page, rows in self.found.items() if page in known}
        self.found = MappingProxyType({**kept, page: rows})
        return True

    def _search(self, matcher: Matcher, page: Page, log: LogPages) -> Rows:
        try:
            parts = log.records(page).parts
        except BrokerError:
            # Lost records match nothing; a pane that shows them says so.
            return np.empty(0, np.intp)
        found = [np.empty(0, np.intp)]
        for part in parts:
            for _, rows in matcher.scan(part.batch):
                if self._stopped:
                    break
                found.append(part.rows[rows])
        return np.sort(np.concatenate(found))
