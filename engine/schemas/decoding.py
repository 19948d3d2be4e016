"""Decodes the keys and values of whole batches, before SmartStreams see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from engine.records.batch import SCHEMA
from engine.schemas.decoder import Decoder
from engine.schemas.errors import RegistryError, UndecodableError
from engine.schemas.names import Column
from engine.schemas.undecoded import Undecoded, UndecodedByTopic


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDecoding:
    """How the records of all topics are decoded that are read."""

    columns: Mapping[Column, Decoder]
    undecoded: UndecodedByTopic

    def of(self, topic: str) -> "Decoding":
        return Decoding(self.columns, self.undecoded.of(topic))


class Decoding:
    """How the records of one topic are decoded. Any thread may use it."""

    def __init__(self, columns: Mapping[Column, Decoder], undecoded: Undecoded) -> None:
        """What cannot be decoded stays as it is, and is added to `undecoded`."""
        self._columns = dict(columns)
        self.undecoded = undecoded

    def records(self, records: pa.RecordBatch) -> pa.RecordBatch:
        """The same records, with JSON in place of keys and values.

        Waits for schemas that are not there; `RegistryError`.
        """
        columns = list(records.columns)
        try:
            for name, decoder in self._columns.items():
                place = SCHEMA.get_field_index(name)
                columns[place] = self._decoded(decoder, columns[place])
        except RegistryError as error:
            self.undecoded.waiting = error.message
            raise
        self.undecoded.waiting = ""
        return pa.record_batch(columns, schema=SCHEMA)

    def _decoded(self, decoder: Decoder, column: "pa.Array[Any]") -> "pa.Array[Any]":
        decode: Callable[[bytes], bytes] = lambda value: self._or_raw(decoder, value)  # noqa: E731
        return pa.array(
            [None if value is None else decode(value) for value in column.to_pylist()], pa.binary()
        )

    def _or_raw(self, decoder: Decoder, value: bytes) -> bytes:
        try:
            return decoder.decode(value, wait=True)
        except UndecodableError as error:
            self.undecoded.add(error.message)
            return value
