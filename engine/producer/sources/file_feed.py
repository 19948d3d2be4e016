"""Follows log files into a topic: what they hold, merged by time, and then what is written to them."""

import os
import select
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa

from engine.fields.table import detect
from engine.producer.sources.lines import BLOCK, LineSplitter
from engine.producer.sources.merging import merged
from engine.producer.sources.record_makers import Maker, value_records, with_key
from engine.producer.sources.stamping import ArrayStamping, Stamping, field_times, matched_times
from engine.producer.sources.time_arrays import TimesFound, TimeTexts, time_pattern
from engine.records.batch import now_ms
from engine.regular_expressions import compiled
from engine.time_forms import FORMS
from engine.timestamps import TimestampParser

LOOK_SECONDS = 0.2
"""Between looks at the sizes of files."""
_SAMPLE = 200
"""Lines in which a time is looked for."""
_NAMES = ("time", "timestamp", "@timestamp", "ts", "at", "date", "datetime", "asctime")
"""Of fields with a time, in small letters."""


class FollowedFile:
    """Reads the lines of a file as it grows, also if it is cut short or replaced."""

    def __init__(self, path: Path) -> None:
        """`OSError` if it cannot be opened."""
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY)
        self._splitter = LineSplitter()

    def lines(self) -> Iterator[pa.BinaryArray]:
        """The lines that were written since the last call; an unfinished one if it has not grown since."""
        self._begin_again_if_replaced()
        grown = False
        while block := os.read(self._descriptor, BLOCK):
            grown = True
            yield self._splitter.feed(block)
        if not grown:
            yield self._splitter.finish()

    def close(self) -> None:
        os.close(self._descriptor)

    def _begin_again_if_replaced(self) -> None:
        held = os.fstat(self._descriptor)
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return  # between the two steps of a rotation
        if (found.st_dev, found.st_ino) != (held.st_dev, held.st_ino):
            opened = os.open(self.path, os.O_RDONLY)
            os.close(self._descriptor)
            self._descriptor, self._splitter = opened, LineSplitter()
        elif found.st_size < os.lseek(self._descriptor, 0, os.SEEK_CUR):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            self._splitter = LineSplitter()


class FileFeed:
    """Records of some files; with several, the key of each is the name of its file."""

    def __init__(self, paths: Sequence[Path], interrupt: int) -> None:
        """`interrupt` is a descriptor that is readable once following has to stop. `OSError`."""
        self._files = [FollowedFile(path) for path in paths]
        self._interrupt = interrupt
        self._makers: dict[Path, Maker] = {}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What the files hold now, in the order of time, and then what comes, until it is interrupted."""
        for records in merged([self._unread(file) for file in self._files]):
            yield records
            if self._interrupted(0):
                return
        while not self._interrupted(LOOK_SECONDS):
            yield from chain.from_iterable(map(self._unread, self._files))

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _unread(self, file: FollowedFile) -> Iterator[pa.RecordBatch]:
        return (self._records(file, lines) for lines in file.lines() if len(lines))

    def _interrupted(self, seconds: float) -> bool:
        return bool(select.select([self._interrupt], [], [], seconds)[0])

    def _records(self, file: FollowedFile, lines: pa.BinaryArray) -> pa.RecordBatch:
        if file.path not in self._makers:
            key = file.path.name.encode() if len(self._files) > 1 else None
            self._makers[file.path] = timed(lines, key)
        return self._makers[file.path](lines).records


def timed(lines: pa.BinaryArray, key: bytes | None) -> Maker:
    """Makes records of lines with the time that they name, if the first ones do."""

    make = value_records if key is None else with_key(key)
    sample = lines.slice(0, _SAMPLE).to_pylist()
    texts = _times(sample)
    if texts is None:
        return make
    pattern = time_pattern(sample, texts(sample))
    if pattern is None:
        return Stamping(make, texts)
    return ArrayStamping(make, TimesFound(pattern, texts, now_ms()))


def _times(sample: Sequence[bytes | None]) -> TimeTexts | None:
    """Where most of some values name a time."""
    parser = TimestampParser(now_ms())
    format = detect(sample)
    paths = {path: None for value in sample for path in (format.fields(value) or {} if value else {})}
    named = [path for path in paths if path and str(path[-1]).lower() in _NAMES]
    for texts in map(field_times, named):
        if _places(texts, parser, sample):
            return texts
    forms = [matched_times(compiled(form.search)) for form in FORMS if form.in_lines]
    found = [(sum(places), texts) for texts in forms if (places := _places(texts, parser, sample))]
    # What comes first in the lines is when they were written.
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def _places(texts: TimeTexts, parser: TimestampParser, sample: Sequence[bytes | None]) -> list[int]:
    """Where in the values of a sample their times are; empty unless most have one."""
    places = [
        (value or b"").find(text.encode(errors="replace"))
        for value, text in zip(sample, texts(sample), strict=True)
        if text is not None and parser.parse(text) is not None
    ]
    return places if 2 * len(places) > len(sample) else []
