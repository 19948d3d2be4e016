"""Parts of records as text, by the names that templates and columns use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from engine.consumer.delivery import Delivery
from engine.fields.format import Format
from engine.fields.formats.json_values import JsonValues
from engine.fields.path import Path, parse_path
from engine.fields.scalar import Scalar
from engine.fields.table import detect
from tui.cli.options.printed_fields import VALUE

_NULL = b"null"


class RecordFields:
    """Parts of the records of deliveries, in columns. The first ones say what format values have."""

    def __init__(self) -> None:
        self._format: Format | None = None

    def column(self, name: str, delivery: Delivery) -> Any:
        """The texts of a part, or a scalar that is the same for all; null where a record has none."""
        records = delivery.records
        if name in ("key", "value"):
            return records.column(name)
        if name == "offset":
            return pa.array(delivery.offsets).cast(pa.string()).cast(pa.binary())
        if name == "partition":
            return pa.scalar(b"%d" % delivery.batch.partition, pa.binary())
        if name == "headers":
            return pa.array(_shown_headers(records), pa.binary())
        if name.startswith(VALUE):
            path = parse_path(name.removeprefix(VALUE).removeprefix("."))
            return pa.array(self._texts(path, records.column("value").to_pylist()), pa.binary())
        return pa.array(times(delivery), pa.string()).cast(pa.binary())

    def _texts(self, path: Path, values: Sequence[bytes | None]) -> Iterator[bytes | None]:
        self._format = self._format or detect(values)
        json_values = isinstance(self._format, JsonValues)
        for value in values:
            fields = None if value is None else self._format.fields(value)
            if fields is None or value is None:
                yield None
            elif path in fields:
                yield _text(fields[path])
            else:
                yield _inner(value, path) if json_values else None


def times(delivery: Delivery) -> list[str]:
    """The time of each record, in UTC."""
    stamps = delivery.records.column("timestamp").to_numpy().astype("datetime64[ms]")
    found: list[str] = np.datetime_as_string(stamps, timezone="UTC").tolist()
    return found


def _text(scalar: Scalar) -> bytes:
    text = json.dumps(scalar) if scalar is None or isinstance(scalar, bool) else str(scalar)
    return text.encode(errors="backslashreplace")


def _inner(value: bytes, path: Path) -> bytes | None:
    """The object or list at a path, as JSON."""
    found: Any = json.loads(value)
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return None
    return json.dumps(found, ensure_ascii=False).encode(errors="backslashreplace")


def _shown_headers(records: pa.RecordBatch) -> list[bytes]:
    """The headers of each record as `name=value, name=value`, bytes as they are; empty if it has none."""
    return [
        b", ".join(
            name.encode() + b"=" + (_NULL if content is None else content) for name, content in pairs or ()
        )
        for pairs in records.column("headers").to_pylist()
    ]
