"""Copies of the records that panes show, so that drawing reads no disk."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from engine.errors import BrokerError, LostRecordError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page, PageRecords
from engine.live.scrollback.snapshot import Loaded, page_of
from engine.records.batch import Batch


class ShownRecords:
    """Loads the records at some rows, a page at a time. Belongs to one thread.

    Records and not pages, since the rows that a filter passes may be in as many pages as there are rows.
    """

    def __init__(self) -> None:
        self.loaded: Mapping[int, Loaded] = MappingProxyType({})
        """By row. Replaced, and never changed."""

    def step(self, rows: Sequence[int], pages: tuple[Page, ...], log: LogPages) -> bool:
        """Load records of one page, for the first of these rows that has none; whether there was one.

        Drops those that are not among `rows`.
        """
        wanted = [row for row in rows if pages and pages[0].first_row <= row < pages[-1].end_row]
        missing = next((row for row in wanted if row not in self.loaded), None)
        if missing is None:
            return False
        page = page_of(pages, missing)
        kept = {row: self.loaded[row] for row in wanted if row in self.loaded}
        here = [row for row in wanted if page.first_row <= row < page.end_row and row not in kept]
        try:
            records = log.records(page)
            loaded: dict[int, Loaded] = {row: _loaded(records, row) for row in here}
        except BrokerError as error:
            loaded = dict.fromkeys(here, error)
        self.loaded = MappingProxyType(kept | loaded)
        return True


def _loaded(records: PageRecords, row: int) -> Loaded:
    try:
        return _copy(*records.locate(row)), 0
    except LostRecordError as error:
        return error


def _copy(batch: Batch, index: int) -> Batch:
    """One record without the memory of those around it."""
    offset = batch.offset(index)
    return Batch(
        partition=batch.partition,
        records=batch.records.take(pa.array([index])),
        offsets=np.array([offset]),
        next_offset=offset + 1,
    )
