"""Where the running value of an aggregate begins."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.live.versions.output_log import KeptOutputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The first records of a fold. There is one running value per partition."""

    row: int
    """Rows before it are not part of the fold."""
    offsets: Mapping[int, int]
    """By partition, the offset of its first record."""


def accumulator_before(outputs: KeptOutputs | None, partition: int, row: int) -> bytes | None:
    """The last output of a partition before a row; None if it is not kept."""
    for block in reversed(outputs.blocks if outputs is not None else ()):
        index = block.find(row).start - 1
        if block.batch.partition == partition and index >= 0:
            return block.batch.record(index).value or b""
    return None
