"""A record as it is typed, and the record that is meant."""

from dataclasses import dataclass

from engine.records.batch import ANY_PARTITION, Record, now_ms
from engine.units import InvalidValueError

MOST_BYTES = 64 << 10
"""Of what is there to begin with: more is not edited by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record as it is typed."""

    value: str = ""
    tombstone: bool = False
    """Whether it has no value, whatever is typed."""
    key: str = ""
    """Empty for none."""
    headers: str = ""
    """One NAME=VALUE per line; a NAME alone is a header without a value."""
    partition: str = ""
    """Empty for that of the key, or for each in turn."""
    origin: str = ""
    """Which record it began with; empty for none."""
    left_out: tuple[str, ...] = ()
    """What that record has and nobody can type."""

    def record(self) -> Record:
        """What is meant, with the current time; `InvalidValueError`."""
        return Record(
            partition=_partition(self.partition.strip()),
            offset=0,
            timestamp=now_ms(),
            key=self.key.encode() or None,
            value=None if self.tombstone else self.value.encode(),
            headers=tuple(_header(line) for line in self.headers.splitlines() if line),
        )


def draft_of(record: Record) -> Draft:
    """A draft of the same key, value and headers, as far as they are text that can be typed."""
    value, key = _typed(record.value or b"", "\n\t"), _typed(record.key or b"")
    lines = [_line(name, content) for name, content in record.headers]
    unnamed = [name for (name, _), line in zip(record.headers, lines, strict=True) if line is None]
    return Draft(
        value=value or "",
        tombstone=record.value is None,
        key=key or "",
        headers="\n".join(line for line in lines if line is not None),
        origin=f"offset {record.offset} of partition {record.partition}",
        left_out=(
            *(["the value"] if value is None else []),
            *(["the key"] if key is None else []),
            *(f"header {name}" for name in unnamed),
        ),
    )


def _typed(content: bytes, besides: str = "") -> str | None:
    """The text of some bytes; None if it has characters that cannot be typed."""
    try:
        text = content.decode() if len(content) <= MOST_BYTES else None
    except UnicodeDecodeError:
        return None
    return text if text is not None and all(char.isprintable() or char in besides for char in text) else None


def _line(name: str, content: bytes | None) -> str | None:
    """A header as a line; None if it cannot be typed as one."""
    if not name.isprintable() or not name or "=" in name:
        return None
    if content is None:
        return name
    text = _typed(content)
    return None if text is None else f"{name}={text}"


def _header(line: str) -> tuple[str, bytes | None]:
    name, equals, value = line.partition("=")
    if not name:
        raise InvalidValueError(f"invalid header '{line}': use NAME=VALUE")
    return name, value.encode() if equals else None


def _partition(text: str) -> int:
    if not text:
        return ANY_PARTITION
    if not (text.isascii() and text.isdigit()):
        raise InvalidValueError(f"invalid partition '{text}': use a number, e.g. 0")
    return int(text)
