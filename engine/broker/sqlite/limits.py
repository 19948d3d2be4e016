"""Cutting batches to what one read returns: so many records and bytes, but at least one record."""

import numpy as np

from engine.broker.sqlite.codec import record_sizes
from engine.records.batch import Batch


def head(batch: Batch, max_records: int, max_bytes: int) -> Batch:
    """The first records of a batch within the limits."""
    count = min(len(batch), max_records)
    if count and batch.records.nbytes > max_bytes:
        sizes = np.cumsum(record_sizes(batch.records.slice(0, count)))
        count = max(int(np.searchsorted(sizes, max_bytes, "right")), 1)
    return batch if count == len(batch) else batch.slice(0, count)


def tail(batch: Batch, max_records: int, max_bytes: int) -> Batch:
    """The last records of a batch within the limits."""
    count = min(len(batch), max_records)
    if count and batch.records.nbytes > max_bytes:
        sizes = np.cumsum(record_sizes(batch.records.slice(len(batch) - count))[::-1])
        count = max(int(np.searchsorted(sizes, max_bytes, "right")), 1)
    return batch if count == len(batch) else batch.slice(len(batch) - count, len(batch))
