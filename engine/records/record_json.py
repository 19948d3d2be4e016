"""Records as JSON objects, as `consume -O json` prints them, and objects as records."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.records.batch import ANY_PARTITION, Headers, Record, now_ms
from engine.records.faults import Fault
from engine.timestamps import iso_milliseconds

_FIELDS = {"offset", "partition", "timestamp", "key", "key_base64", "value", "value_base64", "headers"}
_EVALUATION = {"verdict", "message", "location", "stack"}
"""Fields of `consume --on-error keep` and of expectations, which are no part of the record."""
DECODED = "decoded"
"""The field with what a decoder makes of the value, which is no part of the record either."""
_HEADERS = 'use {"name": "text"} or [{"name": "name", "value": "text"}]'
_GREATEST = 2**63 - 1


class NotARecordError(ValueError):
    """A line is not a record. The text continues a sentence that begins with the line."""

    def __init__(
        self, text: str, remedy: str = 'each line must be an object, e.g. {"value": "text"}'
    ) -> None:
        super().__init__(text)
        self.remedy = remedy


def object_of(record: Record) -> dict[str, object]:
    """A record as an object; what is not UTF-8 is in `key_base64` and `value_base64`."""
    found: dict[str, object] = {
        "offset": record.offset,
        "partition": record.partition,
        "timestamp": record.timestamp,
        **content_object("key", record.key),
        **content_object("value", record.value),
    }
    if record.headers:
        found["headers"] = [
            {"name": name, **content_object("value", content)} for name, content in record.headers
        ]
    return found


def output_object(key: bytes | None, value: bytes | None) -> dict[str, str | None]:
    """An output as an object: key and value as in `object_of`."""
    return {**content_object("key", key), **content_object("value", value)}


def fault_object(fault: Fault, shown: Callable[[str], str] = str) -> dict[str, object]:
    """What a fault says: `message` and, if known, `location` and `stack`, the innermost call first.

    `shown` makes of a place what the user sees of it.
    """
    found: dict[str, object] = {"message": fault.message}
    if fault.location is not None:
        found["location"] = shown(str(fault.location))
    if fault.stack:
        found["stack"] = [
            {"function": call.function, "location": shown(str(call.location))} for call in fault.stack
        ]
    return found


def output_of(found: dict[str, Any]) -> tuple[bytes | None, bytes | None]:
    """The key and the value of an output's object; `NotARecordError`."""
    return content_of(found, "key"), content_of(found, "value")


def record_of(found: dict[str, Any], now: int | None = None, offset: int = 0) -> Record:
    """The record of an object, with its offset, or `offset` if it names none; `NotARecordError`.

    `now` (ms since the epoch) is its timestamp if it names none; None for the current time.
    """
    record = parse_record(found, now_ms() if now is None else now)
    return replace(record, offset=_number(found, "offset", 0, offset), partition=max(record.partition, 0))


def content_object(name: str, content: bytes | None) -> dict[str, str | None]:
    """A field with some bytes: `name`, or `name_base64` if they are not UTF-8."""
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


def parse_record(found: dict[str, Any], now: int) -> Record:
    """The record of an object, at offset 0 until the broker gives it one; `NotARecordError`.

    If the object names none, its timestamp is `now` (ms since the epoch), and its partition `ANY_PARTITION`.
    """
    for name in found:
        if name not in _FIELDS and name not in _EVALUATION and name != DECODED:
            raise NotARecordError(f"has an unknown field '{name}'")
    if "value" not in found and "value_base64" not in found:
        raise NotARecordError("has no value")
    partition = _number(found, "partition", 0, ANY_PARTITION)
    key, value = content_of(found, "key"), content_of(found, "value")
    timestamp = _timestamp(found, now)
    return Record(partition, 0, timestamp, key, value, _headers(found.get("headers")))


def content_of(found: dict[str, Any], name: str) -> bytes | None:
    """The bytes in a field as `content_object` writes it; None if it is missing. `NotARecordError`."""
    plain, encoded = found.get(name), found.get(f"{name}_base64")
    if plain is not None and encoded is not None:
        raise NotARecordError(f"has both {name} and {name}_base64")
    try:
        if encoded is not None:
            return base64.b64decode(encoded, validate=True)
        return None if plain is None else str.encode(plain)
    except (TypeError, ValueError) as error:
        problem = f"{name} that is not text" if encoded is None else f"{name}_base64 that is not base64"
        raise NotARecordError(f"has a {problem}") from error


def _timestamp(found: dict[str, Any], now: int) -> int:
    """In ms: a number of them, or an ISO 8601 date and time, local without a zone."""
    written = found.get("timestamp")
    if isinstance(written, str) and (stamp := iso_milliseconds(written)) is not None:
        return stamp
    return _number(found, "timestamp", -_GREATEST - 1, now)


def _number(found: dict[str, Any], name: str, least: int, default: int) -> int:
    number = found.get(name)
    if number is None:
        return default
    if type(number) is not int or not least <= number <= _GREATEST:
        raise NotARecordError(f"has an invalid {name}: {json.dumps(number)[:40]}")
    return number


def _headers(listed: object) -> Headers:
    if isinstance(listed, dict):
        listed = [{"name": name, "value": content} for name, content in listed.items()]
    if not isinstance(listed, list | None):
        raise NotARecordError(f"has headers that are neither an object nor a list: {_HEADERS}")
    return tuple(map(_header, listed or ()))


def _header(header: object) -> tuple[str, bytes | None]:
    if not isinstance(header, dict):
        raise NotARecordError(f"has a header that is not an object: {_HEADERS}")
    name, content = header.get("name"), content_of(header, "value")
    if not isinstance(name, str) or (content is None and "value" not in header):
        raise NotARecordError(f"has a header without a name or a value: {_HEADERS}")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise NotARecordError("has a header whose name is not text") from error
    return name, content
