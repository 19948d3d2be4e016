"""Records as JSON objects, as `consume -O json` prints them, and objects as records."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from engine.records.batch import ANY_PARTITION, Headers, Record, now_ms

_EVALUATION = ("verdict", "message", "location")
"""Fields of `consume --on-error keep` and of expectations, which are no part of the record."""
_FIELDS = frozenset(
    (
        "offset",
        "partition",
        "timestamp",
        "key",
        "key_base64",
        "value",
        "value_base64",
        "headers",
        *_EVALUATION,
    )
)
_LEAST, _GREATEST = -(2**63), 2**63 - 1


class NotARecordError(ValueError):
    """A line is not a record. The text continues a sentence that begins with the line."""


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """A record as an object gives it, which may leave out what the broker adds."""

    key: bytes | None
    value: bytes | None
    """None for a tombstone."""
    timestamp: int | None
    """Milliseconds since the epoch, UTC."""
    headers: Headers
    partition: int
    """`ANY_PARTITION` if the object names none."""

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        return (
            len(self.key or b"")
            + len(self.value or b"")
            + sum(len(n.encode()) + len(c) for n, c in self.headers)
        )


def object_of(record: Record) -> dict[str, object]:
    """A record as an object; what is not UTF-8 is in `key_base64` and `value_base64`."""
    found: dict[str, object] = {
        "offset": record.offset,
        "partition": record.partition,
        "timestamp": record.timestamp,
        **_text_or_base64("key", record.key),
        **_text_or_base64("value", record.value),
    }
    if record.headers:
        found["headers"] = [
            {"name": name, **_text_or_base64("value", content)} for name, content in record.headers
        ]
    return found


def record_of(found: dict[str, Any]) -> Record:
    """The record of an object; `NotARecordError`."""
    parsed = parse_record(found)
    offset = _number(found, "offset", 0, _GREATEST) or 0
    partition = 0 if parsed.partition == ANY_PARTITION else parsed.partition
    timestamp = now_ms() if parsed.timestamp is None else parsed.timestamp
    return Record(partition, offset, timestamp, parsed.key, parsed.value, parsed.headers)


def _text_or_base64(name: str, content: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if content is None else content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content or b"").decode()}


def json_object(line: bytes) -> dict[str, Any]:
    """The object in a line of JSON; `NotARecordError`."""
    try:
        found = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise NotARecordError(f"is not JSON: {_json_fault(error)}") from error
    if not isinstance(found, dict):
        raise NotARecordError("is not a JSON object")
    return found


def _json_fault(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is not UTF-8"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"


def parse_record(found: dict[str, Any]) -> ParsedRecord:
    """The record of an object, as far as it gives it; `NotARecordError`."""
    for name in found:
        if name not in _FIELDS:
            raise NotARecordError(f"has an unknown field '{name}'")
    if "value" not in found and "value_base64" not in found:
        raise NotARecordError("has no value")
    partition = _number(found, "partition", 0, _GREATEST)
    return ParsedRecord(
        _content(found, "key"),
        _content(found, "value"),
        _number(found, "timestamp", _LEAST, _GREATEST),
        _headers(found.get("headers")),
        ANY_PARTITION if partition is None else partition,
    )


def _content(found: dict[str, Any], name: str) -> bytes | None:
    plain, encoded = found.get(name), found.get(f"{name}_base64")
    if plain is not None and encoded is not None:
        raise NotARecordError(f"has both {name} and {name}_base64")
    try:
        if encoded is not None:
            return base64.b64decode(encoded, validate=True)
        return None if plain is None else str.encode(plain)
    except (TypeError, UnicodeEncodeError, binascii.Error, ValueError) as error:
        member = name if encoded is None else f"{name}_base64"
        raise NotARecordError(
            f"has a {member} that is not {'text' if encoded is None else 'base64'}"
        ) from error


def _number(found: dict[str, Any], name: str, least: int, greatest: int) -> int | None:
    number = found.get(name)
    if number is None:
        return None
    if type(number) is not int or not least <= number <= greatest:
        raise NotARecordError(f"has an invalid {name}: {json.dumps(number)[:40]}")
    return number


def _headers(listed: object) -> Headers:
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise NotARecordError("has headers that are not a list")
    return tuple(map(_header, listed))


def _header(header: object) -> tuple[str, bytes]:
    if not isinstance(header, dict):
        raise NotARecordError("has a header that is not an object")
    name, content = header.get("name"), _content(header, "value")
    if not isinstance(name, str) or content is None:
        raise NotARecordError("has a header without a name or a value")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise NotARecordError("has a header whose name is not text") from error
    return name, content
