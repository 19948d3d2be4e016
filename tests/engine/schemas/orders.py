"""A schema of Avro with what schemas have, and records of it."""

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro

ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {
            "name": "customer",
            "type": {"type": "record", "name": "Customer", "fields": [{"name": "city", "type": "string"}]},
        },
        {"name": "items", "type": {"type": "array", "items": "string"}},
        {
            "name": "amount",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2},
        },
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
}


def order(number: int = 7, city: str = "Köln", note: str | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "customer": {"city": city},
        "items": ["tea", "cup"],
        "amount": Decimal("12.50"),
        "at": datetime(2026, 11, 26, 4, 5, 6, tzinfo=UTC),
        "note": note,
    }


def order_json(number: int = 7, city: str = "Köln", note: str | None = None) -> bytes:
    """What `order` is decoded to."""
    written = json.dumps(note)
    return (
        f'{{"id":{number},"customer":{{"city":"{city}"}},"items":["tea","cup"],"amount":12.5,'
        f'"at":"2026-11-26T04:05:06Z","note":{written}}}'
    ).encode()


def encoded(schema: Any, value: Any) -> bytes:
    """A value as Avro, without a frame."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()
