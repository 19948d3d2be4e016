"""How values name their schemas: Confluent's wire format.

A zero, the id of the schema in four bytes (the highest first), and the payload. That of Protobuf begins with
the place of the message in its schema.
"""

from engine.schemas.errors import UndecodableError

_MAGIC = 0
_FRAME = 5
_LONGEST_VARINT = 10


def schema_id(value: bytes) -> int | None:
    """The id that a value begins with; None if it begins with none."""
    if len(value) < _FRAME or value[0] != _MAGIC:
        return None
    return int.from_bytes(value[1:_FRAME], "big")


def payload(value: bytes) -> bytes:
    """What follows the id."""
    return value[_FRAME:]


def behind_message_indexes(content: bytes) -> bytes:
    """A payload of Protobuf without the place of its message; `UndecodableError`."""
    count, start = _zigzag(content, 0)
    if not 0 <= count <= len(content):
        raise UndecodableError("the place of its message is damaged")
    for _ in range(count):
        _, start = _zigzag(content, start)
    return content[start:]


def _zigzag(content: bytes, start: int) -> tuple[int, int]:
    """A number, and where it ends."""
    number = 0
    for place, byte in enumerate(content[start : start + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), start + place + 1
    raise UndecodableError("the place of its message is damaged")
