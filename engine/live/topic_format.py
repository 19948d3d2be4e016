"""Which format the values of a topic have: the chosen one, or that of its newest records."""

from itertools import chain

from engine.fields.format import Format
from engine.fields.table import SAMPLE_RECORDS, TEXT, detect, named_format
from engine.live.window.snapshot import WindowSnapshot


class TopicFormat:
    """Detects once there are records, and again while there are fewer than a sample."""

    def __init__(self, chosen: str = "", first: bytes | None = None) -> None:
        """`chosen` is the name of a format, empty for none; `first` the topic's first value, if it is known.

        `InvalidValueError` if there is no such format.
        """
        self._first = first
        self._chosen = named_format(chosen, first) if chosen else None
        self._detected: Format = TEXT
        self._sample = 0
        """How many records the format was detected from."""

    def of(self, window: WindowSnapshot) -> Format:
        """The format, by the records of a window that are in memory: 15 ms where it is detected."""
        if self._chosen is not None:
            return self._chosen
        records = min(window.end_row - window.start_row, SAMPLE_RECORDS)
        if records > 2 * self._sample or records == SAMPLE_RECORDS > self._sample:
            self._sample = records
            self._detected = detect(newest_values(window, records), self._first)
        return self._detected


def newest_values(window: WindowSnapshot, count: int) -> list[bytes | None]:
    """The values of the newest records of a window that are in memory, the newest first."""
    pieces = (chunk.batch for chunk in window.batches(max(window.end_row - count, window.start_row)))
    values = list(chain.from_iterable(batch.records.column("value").to_pylist() for batch in pieces))
    return values[::-1]
