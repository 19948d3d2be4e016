"""What an answer of an SPU says about the batches that it evaluated."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from engine.broker.fluvio.protocol import spu
from engine.broker.fluvio.protocol.marks import Marked, read_marks
from engine.broker.fluvio.protocol.records import HEADER, RecordCodec
from engine.records.batch import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Batches of a log that a chain has evaluated on an SPU."""

    marked: Marked
    start: int
    """The base offset of the first batch."""
    next_offset: int
    """The offset after the last batch."""
    whole_until: int
    """The offset up to which it is known where batches end, if a step failed in the next one."""
    failed_until: int
    """The offset after the batch that a step failed in, or nothing known (0)."""

    @property
    def first_end(self) -> int:
        """The offset after the first batch."""
        starts = self.marked.starts
        return int(starts[1]) if len(starts) > 1 else self.next_offset

    def outputs(self, partition: int, start: int, until: int) -> Batch:
        """The outputs of the records from one offset to before another, or to the end of the batches."""
        stop = min(until, self.next_offset)
        offsets = self.marked.offsets
        first, last = np.searchsorted(offsets, [start, stop])
        return Batch(
            partition=partition,
            records=self.marked.records.slice(first, last - first),
            offsets=offsets[first:last],
            next_offset=max(stop, start),
        )


def evaluated(codec: RecordCodec, answer: spu.Fetched, position: int) -> Evaluated:
    """Read the answer to a request for what comes from `position` on."""
    content = answer.content
    if len(content) < HEADER.size:
        return _nothing(position)
    base, _, _, _, _, _, last_delta, base_time, *_ = HEADER.unpack_from(content)
    records, offsets = codec.read_all(content)
    marked = read_marks(records, offsets, base_time)
    if not len(marked.starts):
        # A step failed in the first batch. Without any output, the SPU does not say where that ends.
        return _nothing(position, base + last_delta + 1 if base >= 0 else 0)
    starts = marked.starts
    end = base + last_delta + 1
    return Evaluated(
        marked=marked, start=int(starts[0]), next_offset=end, whole_until=int(starts[-1]), failed_until=end
    )


def _nothing(position: int, failed_until: int = 0) -> Evaluated:
    empty = np.empty(0, np.int64)
    records = pa.RecordBatch.from_pylist([])
    marked = Marked(starts=empty, records=records, offsets=empty)
    return Evaluated(
        marked=marked,
        start=position,
        next_offset=position,
        whole_until=position,
        failed_until=failed_until,
    )
