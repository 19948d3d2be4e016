"""Decoders by the names that users write. Light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from engine.errors import did_you_mean
from engine.units import InvalidValueError

AVRO, JSON_SCHEMA, PROTOBUF = "avro", "json-schema", "protobuf"
DECODER_NAMES = (AVRO, JSON_SCHEMA, PROTOBUF)
Column = Literal["key", "value"]

_FORMS = "avro, avro:FILE.avsc, json-schema or protobuf:FILE.desc:MESSAGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderName:
    """What a name says."""

    text: str
    kind: str
    """One of `DECODER_NAMES`."""
    file: Path | None = None
    """With the schema, or a descriptor set."""
    message: str = ""


def is_decoder(text: str) -> bool:
    """Whether a text means a decoder, perhaps with a mistake in the rest of it."""
    return text.partition(":")[0] in DECODER_NAMES


def parse_decoder(text: str) -> DecoderName:
    """`avro`, `avro:FILE`, `json-schema` or `protobuf:FILE:MESSAGE`; `InvalidValueError`."""
    kind, _, rest = text.partition(":")
    if kind == PROTOBUF:
        file, _, message = rest.rpartition(":")
        if not file or not message:
            raise InvalidValueError(f"invalid decoder '{text}': use protobuf:FILE.desc:MESSAGE")
        return DecoderName(text=text, kind=kind, file=Path(file).expanduser(), message=message)
    if kind == AVRO and rest:
        return DecoderName(text=text, kind=kind, file=Path(rest).expanduser())
    if text in (AVRO, JSON_SCHEMA):
        return DecoderName(text=text, kind=kind)
    raise InvalidValueError(
        f"unknown decoder '{text}': {did_you_mean(kind, DECODER_NAMES) or f'use {_FORMS}'}"
    )


def parse_decode(text: str) -> tuple[Column, DecoderName]:
    """`value=avro`: a column of records, and how it is decoded; `InvalidValueError`."""
    column, equals, name = text.partition("=")
    for known in get_args(Column):
        if equals and column == known:
            return known, parse_decoder(name)
    raise InvalidValueError(f"invalid '{text}': use key= or value=, and {_FORMS}")
