"""Protobuf, read by Google's library with a descriptor set (`protoc --descriptor_set_out`)."""

from pathlib import Path
from typing import Any

from engine.errors import did_you_mean
from engine.schemas.avro import BROKEN
from engine.schemas.errors import SchemaError, UndecodableError, missing
from engine.schemas.json_text import json_text
from engine.schemas.schema import PayloadDecoder

LARGEST = 1 << 20
"""Bytes of a value that is decoded."""
_LARGEST_FILE = 16 << 20


def protobuf_decoder(path: Path, message: str) -> PayloadDecoder:
    """Decodes values that are a message; `SchemaError` if the file lacks it, or a library is missing."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
        from google.protobuf.message import DecodeError
    except ImportError:
        raise missing("protobuf, which reads Protobuf,") from None
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE)
        files = descriptor_pb2.FileDescriptorSet.FromString(content).file
        pool = descriptor_pool.DescriptorPool()
        for one in files:
            pool.Add(one)
    except OSError as error:
        raise SchemaError(f"cannot read the descriptor set {path}: {error.strerror}") from error
    except (DecodeError, *BROKEN) as error:
        raise SchemaError(
            f"{path} is not a descriptor set",
            "make one with: protoc --include_imports --descriptor_set_out FILE",
        ) from error
    try:
        found: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName(message))
    except KeyError:
        names = [f"{one.package}.{m.name}".lstrip(".") for one in files for m in one.message_type]
        remedy = did_you_mean(message, names) or f"it has: {', '.join(names[:10])}"
        raise SchemaError(f"{path} has no message '{message}'", remedy) from None

    def decode(payload: bytes) -> bytes:
        if len(payload) > LARGEST:
            raise UndecodableError(f"it is larger than {LARGEST:,} bytes")
        try:
            parsed = found.FromString(payload)
            if payload and not parsed.ListFields():
                raise UndecodableError(f"it has no field of {message}")
            return json_text(json_format.MessageToDict(parsed, preserving_proto_field_name=True))
        except (DecodeError, json_format.Error, *BROKEN) as error:
            raise UndecodableError(f"it is not a {message}") from error

    return decode
