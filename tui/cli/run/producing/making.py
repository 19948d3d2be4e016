"""Makes the records of `produce` from its input, and says what it left out or guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import pyarrow as pa

from engine import units
from engine.producer.sources.json_lines import LONGEST_ESCAPE, ROOM, json_records
from engine.producer.sources.lines import LineReading, made_batches, whole_input
from engine.producer.sources.record_makers import Made, Maker, key_and_value, value_records, with_key
from engine.producer.sources.stamping import Stamping, with_headers
from tui.cli.options.making import Making
from tui.cli.process.failures import report


class RecordMaking:
    """Makes records of one input after the other."""

    def __init__(self, making: Making, partitions: int, interrupt: int) -> None:
        """`interrupt` is a descriptor that is readable once reading has to stop."""
        self._making = making
        self._interrupt = interrupt
        self._make, self._limit = _maker(making, partitions)
        self._stamping = None if making.times is None else Stamping(self._make, making.times)
        self._make = self._stamping or self._make
        if making.headers:
            self._make = with_headers(self._make, making.headers)
        self._first = making.from_line
        self._crlf = ""
        self._bad = ""
        self._bad_lines = 0

    def records(self, descriptor: int, name: str) -> Iterator[Made]:
        """The records of an input; errors as `made_batches`."""
        if self._making.raw:
            whole = whole_input(descriptor, name=name, limit=self._limit, interrupt=self._interrupt)
            if whole is not None:
                yield self._make(pa.array([whole], pa.binary()))
            return
        reading = LineReading(
            crlf=self._making.crlf,
            begins=self._making.multiline,
            first=self._first,
            on_bad=self._skip if self._making.skip_bad else None,
        )
        # Only in the first input.
        self._first = 1
        for made in made_batches(
            descriptor, self._make, name=name, limit=self._limit, interrupt=self._interrupt, reading=reading
        ):
            if not self._crlf and not self._making.json and _ends_in_cr(made.records):
                self._crlf = name
            yield made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Report what was left out, guessed or is likely to be wrong."""
        if self._crlf:
            report(f"lines of {self._crlf} end with CRLF, whose CR is part of the records: see --crlf")
        if self._bad_lines:
            report(f"{units.plural(self._bad_lines, 'line')} left out: {self._bad}")
        if self._stamping is not None and self._stamping.missing:
            missing = units.plural(self._stamping.missing, "record")
            report(f"{missing} without a time: stored with the time of the record before")

    def _skip(self, problem: str) -> None:
        self._bad_lines += 1
        self._bad = self._bad or problem


def _ends_in_cr(records: pa.RecordBatch) -> bool:
    """Whether the first record does."""
    value = records.column("value")[0].as_py()
    return value is not None and value.endswith(b"\r")


def _maker(making: Making, partitions: int) -> tuple[Maker, int]:
    """What makes the records, and the most bytes of input for one."""
    if making.json:
        return json_records(partitions, making.limit), making.limit * LONGEST_ESCAPE + ROOM
    if making.separator is not None:
        return key_and_value(making.separator), making.limit + len(making.separator.encode())
    if making.key is not None:
        return with_key(making.key), max(making.limit - len(making.key), 0)
    return value_records, making.limit
