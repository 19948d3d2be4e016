"""The column of offsets that comes before every value."""

from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch


class OffsetColumn:
    """Writes offsets right-aligned, with the partition before them where a topic shows more than one.

    The column grows with the offsets seen and never shrinks, so that text does not move back and forth.
    """

    def __init__(self) -> None:
        self._seen = -1
        self._digits = 1
        self._partition_digits = 0
        self._partitions: set[int] = set()

    @property
    def width(self) -> int:
        return self._digits + (self._partition_digits + 1 if self._partition_digits else 0)

    def observe(self, window: WindowSnapshot) -> bool:
        """Make room for what is new in `window`; whether the column became wider."""
        width = self.width
        for chunk in reversed(window.chunks):
            if chunk.end_row <= self._seen:
                break
            self._digits = max(self._digits, len(str(chunk.batch.next_offset - 1)))
            self._partitions.add(chunk.batch.partition)
        self._seen = max(self._seen, window.end_row)
        if window.before is not None:
            self._partitions |= window.before.partitions
        if len(self._partitions) > 1:
            self._partition_digits = len(str(max(self._partitions)))
        return self.width != width

    def text(self, batch: Batch, index: int) -> str:
        offset = f"{batch.offset(index):>{self._digits}}"
        return f"{batch.partition:>{self._partition_digits}}:{offset}" if self._partition_digits else offset
