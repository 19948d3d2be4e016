"""JSON of what decoders make: also of what JSON has no word for."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID


def json_text(value: Any) -> bytes:
    """A value as JSON in UTF-8, in one line.

    Times are written as ISO 8601 says, those with a zone in UTC. A decimal is a number, or a text if a float
    would change it; bytes that are not UTF-8 are hexadecimal digits. `RecursionError` if a value is nested
    too deeply, `ValueError` and `TypeError` if decoders make no such value.
    """
    try:
        text = _encode(value)
    except ValueError:  # infinite, or not a number
        text = _encode(_finite(value))
    return text.encode(errors="replace")


def _other(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        number = float(value)
        return number if math.isfinite(number) and Decimal(repr(number)) == value else str(value)
    if isinstance(value, bytes):
        return _text_or_hex(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no JSON")


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_or_hex(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False, default=_other
).encode
