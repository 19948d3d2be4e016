"""What was read back before a window, as data: nothing in it reads a disk."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.errors import BrokerError
from engine.live.scrollback.page import Page
from engine.live.versions.output_log import OutputPage
from engine.live.window.limits import SCROLLBACK_ROWS
from engine.live.window.matcher import Matcher, Rows
from engine.live.window.snapshot import NotLoadedError, OlderRows
from engine.records.batch import Batch
from engine.records.faults import Fault
from engine.records.verdict_arrays import VerdictArray

Loaded: TypeAlias = tuple[Batch, int] | BrokerError
"""A record as a batch and its index there, or why it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluated:
    """The verdicts of one version on the rows before a window."""

    version: int
    first_row: int
    verdicts: VerdictArray
    """From `first_row` on."""
    faults: Mapping[int, Fault]
    """The newest ones, by row; bounded."""
    outputs: tuple[OutputPage, ...] = ()
    """Ascending; of a kind that makes records."""
    done: bool
    """See `ScrollbackEvaluator.is_done`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScrollbackSnapshot(OlderRows):
    """The rows before a window that were read back from the log."""

    pages: tuple[Page, ...]
    first_row: int
    end_row: int
    partitions: frozenset[int]
    loaded: Mapping[int, Loaded]
    """By row; only what panes show, and some around that."""
    evaluated: Mapping[int, Evaluated]
    """By consumer."""
    matcher: Matcher | None
    found: Mapping[Page, Rows]
    """The rows that match, of each page that is searched."""
    reading: bool
    """Whether more is wanted and will come."""
    complete: bool
    """Whether nothing more can be read: the log begins here, `SCROLLBACK_ROWS` are read, or `problem`."""
    problem: str
    """Why reading ended, or empty."""

    @property
    def begins(self) -> bool:
        """Whether the first row is that of the first record in the log."""
        return self.complete and not self.problem and self.end_row - self.first_row < SCROLLBACK_ROWS

    def locate(self, row: int) -> tuple[Batch, int]:
        found = self.loaded.get(row)
        if found is None:
            raise NotLoadedError
        if isinstance(found, BrokerError):
            # It is raised at every frame: without this, its traceback grows.
            raise found.with_traceback(None)
        return found

    def row_of(self, partition: int, offset: int) -> int | None:
        for page in self.pages:
            _, end = page.ranges.get(partition, (0, 0))
            if end > offset:
                rows, offsets = page.records_of(partition)
                return int(rows[np.searchsorted(offsets, offset)])
        return None

    def found_before(self, matcher: Matcher, row: int) -> tuple[int, Rows] | None:
        page = page_of(self.pages, row - 1)
        rows = self.found.get(page) if self.matcher is matcher else None
        return None if rows is None else (page.first_row, rows)


def page_of(pages: tuple[Page, ...], row: int) -> Page:
    """The page with a row; each page follows the one before."""
    return pages[bisect_right(pages, row, key=lambda page: page.first_row) - 1]
