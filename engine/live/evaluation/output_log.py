"""The outputs that one version made of the rows of a window."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True, eq=False)
class KeptOutputs:
    """Outputs by row. Immutable."""

    content: object
    """The same for what one version made in one go: then a row has the same outputs."""
    blocks: tuple[OutputBlock, ...] = ()
    """Ascending."""
    before: "KeptOutputs | None" = None
    """Older ones of the same content, which may not be kept any more."""

    def locate(self, row: int) -> tuple[Batch, int] | None:
        """The batch that holds the first output of a row, and its index there; None if it is not kept."""
        position = bisect_right(self.blocks, row, key=lambda block: int(block.rows[0])) - 1
        if position >= 0:
            block = self.blocks[position]
            index = int(np.searchsorted(block.rows, row))
            if index < len(block.rows) and block.rows[index] == row:
                return block.batch, index
        return None if self.before is None else self.before.locate(row)

    def over(self, before: "KeptOutputs | None") -> "KeptOutputs":
        """With what an older snapshot kept, if it has the same content."""
        if before is None or before.content is not self.content:
            return self
        return replace(self, before=replace(before, before=None))


class OutputLog:
    """Grows at its end and is trimmed at its start."""

    def __init__(self) -> None:
        self._content = object()
        self._blocks: deque[OutputBlock] = deque()
        self._bytes = 0
        self._makes_records = False

    def add(self, chunk: Chunk, evaluation: Evaluation) -> None:
        """Keep the outputs of an evaluation of a chunk, unless they are its own records."""
        outputs = evaluation.outputs
        if not isinstance(outputs, Produced):
            return
        self._makes_records = True
        if not len(outputs.source):
            return
        block = OutputBlock(chunk.first_row + outputs.source.astype(np.int64), outputs.batch(chunk.batch))
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


def _mergeable(last: Batch, block: Batch) -> bool:
    return last.partition == block.partition and all(
        len(one) < MERGE_RECORDS and one.records.nbytes < MERGE_BYTES for one in (last, block)
    )
