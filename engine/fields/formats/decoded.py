"""Values that a decoder turns into JSON: for the screen, columns and search."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from engine.fields.format import FieldReader, Format
from engine.fields.formats.json_values import JsonValues
from engine.fields.path import Path
from engine.fields.scalar import Fields
from engine.schemas.decoder import Decoder
from engine.schemas.errors import PendingSchemaError, RegistryError, UndecodableError

_JSON = JsonValues()


class Decoded(Format):
    """What a decoder makes of values now: a value whose schema is still being fetched has no fields yet."""

    decodes = True

    def __init__(self, decoder: Decoder, on_undecoded: Callable[[str], None] = lambda _: None) -> None:
        """`on_undecoded` is called with why a value is shown as it is stored, in a clause."""
        self.name = decoder.name
        self._decoder = decoder
        self._on_undecoded = on_undecoded

    def shown(self, value: bytes) -> bytes:
        try:
            return self._decoder.decode(value, wait=False)
        except (PendingSchemaError, RegistryError):
            return value
        except UndecodableError as error:
            if value[:1] not in b"{[":  # what a SmartStream has made
                self._on_undecoded(error.message)
            return value

    def about(self, value: bytes) -> str:
        return self._decoder.about(value)

    def fields(self, value: bytes) -> Fields | None:
        return _JSON.fields(self.shown(value))

    def reader(self, sample: Sequence[bytes], only: Path | None = None) -> FieldReader:
        read = _JSON.reader([self.shown(value) for value in sample], only)
        return lambda values: read(self.shown_array(values))

    def shown_array(self, values: "pa.Array[Any]") -> "pa.Array[Any]":
        return pa.array(
            [None if value is None else self.decoded(value) or value for value in values.to_pylist()],
            pa.binary(),
        )

    def decoded(self, value: bytes) -> bytes | None:
        try:
            return self._decoder.decode(value, wait=True)
        except (UndecodableError, RegistryError):
            return None
