"""Avro, read by fastavro."""

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from engine.schemas.avro_bounds import avro_bounds
from engine.schemas.errors import SchemaError, UndecodableError, missing
from engine.schemas.json_text import json_text
from engine.schemas.schema import PayloadDecoder

BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What libraries raise for bytes, or for schemas, that are none."""


def avro_decoder(text: str, references: Sequence[str] = ()) -> PayloadDecoder:
    """Decodes values of a schema; `SchemaError` if it is none, or fastavro is not installed.

    `references` are schemas that it refers to, each after those that it refers to itself.
    """
    try:
        import fastavro
        from fastavro import _read_py
        from fastavro.schema import SchemaParseException, UnknownType
    except ImportError:
        raise missing("fastavro, which reads Avro,") from None
    named: dict[str, Any] = {}
    try:
        for one in references:
            fastavro.parse_schema(json.loads(one), named)
        parsed: Any = fastavro.parse_schema(json.loads(text), named)
        bounds = avro_bounds(parsed, named)
    except (SchemaParseException, UnknownType, *BROKEN) as error:
        raise SchemaError(f"its Avro schema cannot be read: {error}") from error
    # Compiled code does not notice when it runs out of stack.
    read: Any = _read_py.schemaless_reader if bounds.recursive else fastavro.schemaless_reader

    def decode(payload: bytes) -> bytes:
        if len(payload) > bounds.largest:
            raise UndecodableError(f"it is larger than {bounds.largest:,} bytes")
        stream = BytesIO(payload)
        try:
            found = read(stream, parsed, None)
            left = len(payload) - stream.tell()
            if not left:
                return json_text(found)
        except BROKEN as error:
            raise UndecodableError("it is not what its Avro schema says") from error
        raise UndecodableError(f"{left:,} bytes follow what its Avro schema says")

    return decode
