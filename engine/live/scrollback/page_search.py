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

    def step(self, pages: Sequence[Page], log: LogPages) -> bool:
        """Search the newest page that is not searched yet; whether there was one."""
        page = next((page for page in reversed(pages) if page not in self.found), None)
        if page is None or self.matcher is None:
            return False
        kept = {known: rows for known, rows in self.found.items() if known in set(pages)}
        self.found = MappingProxyType({**kept, page: _search(self.matcher, page, log)})
        return True


def _search(matcher: Matcher, page: Page, log: LogPages) -> Rows:
    try:
        parts = log.records(page).parts
    except BrokerError:
        # Lost records match nothing; a pane that shows them says so.
        return np.empty(0, np.intp)
    matching = [part.rows[matcher.matching(part.batch)] for part in parts]
    return np.sort(np.concatenate([np.empty(0, np.intp), *matching]))
