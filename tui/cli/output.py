"""Records as lines on standard output: their values, or JSON objects."""

import base64
import json
import os
import select
import sys
from collections.abc import Callable
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from engine.consumer import Delivery
from tui.cli.signals import StopRequest

Format = Callable[[Delivery], bytes | memoryview]
"""Makes lines of the records that a delivery passes, of which there is at least one; none after the last."""


def text_lines(delivery: Delivery) -> memoryview:
    """The values as they are."""
    values = delivery.records.column("value")
    # 29 ns a value; joining a list of bytes takes 66.
    whole = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    joined = cast("pa.BinaryArray", pc.binary_join(whole, b"\n"))
    return memoryview(joined[0].as_buffer())


def json_lines(delivery: Delivery) -> bytes:
    """An object a record; `key_base64` and `value_base64` hold what is not UTF-8."""
    records = delivery.records
    rows = zip(
        delivery.offsets.tolist(),
        records.column("timestamp").to_pylist(),
        records.column("key").to_pylist(),
        records.column("value").to_pylist(),
        strict=True,
    )
    partition = delivery.batch.partition
    # Put together by hand: 0.9 µs a record, where an encoder of objects takes 3.
    lines = [
        f'{{"offset": {offset}, "partition": {partition}, "timestamp": {timestamp}, '
        f"{_text_or_base64('key', key)}, {_text_or_base64('value', value)}}}"
        for offset, timestamp, key, value in rows
    ]
    return "\n".join(lines).encode()


def _text_or_base64(name: str, content: bytes | None) -> str:
    if content is None:
        return f'"{name}": null'
    try:
        return f'"{name}": {_quoted(content.decode())}'
    except UnicodeDecodeError:
        return f'"{name}_base64": "{base64.b64encode(content).decode()}"'


_quoted = json.JSONEncoder(ensure_ascii=False).encode

FORMATS: dict[str, Format] = {"text": text_lines, "json": json_lines}


class Output:
    """Standard output, written a delivery at a time."""

    def __init__(self, make_lines: Format, stop: StopRequest) -> None:
        self._make_lines = make_lines
        self._stop = stop
        self._descriptor = sys.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, 0)

    def write(self, delivery: Delivery) -> None:
        """Write the records that pass; `BrokenPipeError` where nobody reads any more."""
        if not len(delivery.passed):
            self.check_read()
            return
        lines = self._make_lines(delivery)
        with self._stop.at_once():
            self._write_all(memoryview(lines))
            self._write_all(memoryview(b"\n"))

    def _write_all(self, left: memoryview) -> None:
        # Past Python's buffer: what a signal cuts off must not be written again at exit.
        while left:
            left = left[os.write(self._descriptor, left) :]

    def check_read(self) -> None:
        """`BrokenPipeError` where nobody reads any more: a pipe tells so only when written to, or asked."""
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in self._poll.poll(0)):
            raise BrokenPipeError
