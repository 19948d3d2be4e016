"""The outputs that one version made of the rows of a window."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.live.window.matcher import Rows
from engine.live.window.snapshot import Chunk
from engine.records.batch import Batch, concatenated
from engine.records.evaluation import Evaluation
from engine.records.outputs import Produced

MERGE_RECORDS = 4_096
MERGE_BYTES = 256 << 10
"""Blocks smaller than both are joined with the next, so that a trickle does not make a block per record."""
LARGEST_LOG = 64 << 20
"""Bytes of outputs that are kept: the newest."""


@dataclass(frozen=True, slots=True, eq=False)
class OutputBlock:
    """Outputs of one partition that follow each other."""

    rows: Rows
    """The row of the input of each, non-decreasing; at least one."""
    batch: Batch

    def joined(self, following: "OutputBlock") -> "OutputBlock":
        rows = np.concatenate([self.rows, following.rows])
        return OutputBlock(rows, concatenated(self.batch, following.batch))

    def find(self, row: int) -> range:
        """The indices of the outputs of a row."""
        return range(*map(int, np.searchsorted(self.rows, (row, row + 1))))


@dataclass(frozen=True, slots=True, eq=False)
class OutputPage:
    """Outputs of the rows from `first_row` on, read back; the blocks are of one partition each."""

    first_row: int
    blocks: tuple[OutputBlock, ...]


@dataclass(frozen=True, eq=False)
class KeptOutputs:
    """Outputs by row. Immutable."""

    content: object
    """The same for what one version made in one go: then a row has the same outputs."""
    blocks: tuple[OutputBlock, ...] = ()
    """Ascending."""
    older: tuple[OutputPage, ...] = ()
    """Ascending; of rows that were read back."""
    unfinished: bool = False
    """Whether older outputs are still being made."""

    def find(self, row: int) -> tuple[Batch, range] | None:
        """The batch that holds the outputs of a row, and their indices there; None if they are not kept."""
        position = bisect_right(self.blocks, row, key=lambda block: int(block.rows[0])) - 1
        page = bisect_right(self.older, row, key=lambda page: page.first_row) - 1
        nearest = self.blocks[position : position + 1] if position >= 0 else ()
        for block in (*nearest, *(self.older[page].blocks if page >= 0 else ())):
            indices = block.find(row)
            if indices:
                return block.batch, indices
        return None

    @cached_property
    def every_block(self) -> tuple[OutputBlock, ...]:
        return (*(block for page in self.older for block in page.blocks), *self.blocks)

    def over(self, before: "KeptOutputs | None", end_row: int) -> "KeptOutputs":
        """With what an older snapshot kept of rows before `end_row`, if it has the same content."""
        if before is None or before.content is not self.content:
            return self
        # What is dropped is dropped at the start, and what is joined at the end.
        first = self.blocks[0].rows[0] if self.blocks else end_row
        kept = (block for block in before.blocks if block.rows[0] < min(first, end_row))
        return replace(self, blocks=(*kept, *self.blocks))


class OutputLog:
    """Grows at its end and is trimmed at its start."""

    def __init__(self) -> None:
        self._content = object()
        self._blocks: deque[OutputBlock] = deque()
        self._bytes = 0
        self._makes_records = False

    def add(self, chunk: Chunk, evaluation: Evaluation) -> None:
        """Keep the outputs of an evaluation of a chunk, unless they are its own records."""
        if not isinstance(evaluation.outputs, Produced):
            return
        self._makes_records = True
        block = block_of(evaluation, chunk.batch, np.arange(chunk.first_row, chunk.end_row))
        if block is None:
            return
        last = self._blocks[-1] if self._blocks else None
        if last is not None and _mergeable(last.batch, block.batch):
            self._bytes -= last.batch.records.nbytes
            block = self._blocks.pop().joined(block)
        self._blocks.append(block)
        self._bytes += block.batch.records.nbytes
        while self._bytes > LARGEST_LOG and len(self._blocks) > 1:
            self._drop_first()

    def trim(self, first_row: int) -> None:
        """Drop outputs of rows before `first_row`, as far as whole blocks go."""
        while self._blocks and self._blocks[0].rows[-1] < first_row:
            self._drop_first()

    def snapshot(self) -> KeptOutputs | None:
        """None for a filter: its outputs are the records of the window."""
        return KeptOutputs(self._content, tuple(self._blocks)) if self._makes_records else None

    def _drop_first(self) -> None:
        self._bytes -= self._blocks.popleft().batch.records.nbytes


def block_of(evaluation: Evaluation, batch: Batch, rows: Rows) -> OutputBlock | None:
    """What an evaluation made of a batch at some rows; None if that is nothing, or records of the batch."""
    outputs = evaluation.outputs
    if not isinstance(outputs, Produced) or not len(outputs.source):
        return None
    return OutputBlock(rows[outputs.source], outputs.batch(batch))


def _mergeable(last: Batch, block: Batch) -> bool:
    return last.partition == block.partition and all(
        len(one) < MERGE_RECORDS and one.records.nbytes < MERGE_BYTES for one in (last, block)
    )
