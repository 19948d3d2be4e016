"""The sections of a WebAssembly module: reading them without compiling it, and adding one."""

from collections.abc import Iterator
from contextlib import suppress

_PREFIX = 8
"""Bytes of the magic number and the version."""
_CUSTOM = 0
_MEMORIES = 5
_EXPORTS = 7
_LONGEST_NUMBER = 5
"""Bytes of an encoded 32-bit number at most."""


class TruncatedError(Exception):
    """The bytes end too early."""


def exported_names(wasm: bytes) -> list[str]:
    """The names of a module's exports, in its order; if it is damaged, those before the damage."""
    names: list[str] = []
    with suppress(TruncatedError):
        for kind, content in sections(wasm):
            if kind == _EXPORTS:
                names += _names(content)
    return names


def declared_pages(wasm: bytes) -> int:
    """The pages of memory that a module starts with; 0 if it has no memory, or is damaged before it."""
    with suppress(TruncatedError):
        for kind, content in sections(wasm):
            if kind == _MEMORIES:
                count, at = number(content, 0)
                # A byte of flags precedes the minimum.
                return number(content, at + 1)[0] if count else 0
    return 0


def custom_section(wasm: bytes, name: str) -> bytes | None:
    """The content of the last custom section of that name; None if absent, or if the module is damaged."""
    found = None
    try:
        for kind, content in sections(wasm):
            if kind == _CUSTOM:
                title, at = part(content, 0)
                if title == name.encode():
                    found = content[at:]
    except TruncatedError:
        return None
    return found


def with_custom_section(wasm: bytes, name: str, content: bytes) -> bytes:
    """The module with one more custom section, which does not change what it does."""
    title = name.encode()
    section = _number_bytes(len(title)) + title + content
    return wasm + bytes([_CUSTOM]) + _number_bytes(len(section)) + section


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and content of each section; `TruncatedError` if one is damaged."""
    at = _PREFIX
    while at < len(wasm):
        kind = wasm[at]
        content, at = part(wasm, at + 1)
        yield kind, content


def _names(content: bytes) -> Iterator[str]:
    count, at = number(content, 0)
    for _ in range(count):
        name, at = part(content, at)
        yield name.decode(errors="replace")
        _, at = number(content, at + 1)  # a byte with the kind of export precedes its index


def part(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes that follow their length at `at`, and where they end."""
    length, at = number(data, at)
    if at + length > len(data):
        raise TruncatedError
    return data[at : at + length], at + length


def number(data: bytes, at: int) -> tuple[int, int]:
    """The LEB128 number at `at`, and where it ends."""
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_NUMBER]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise TruncatedError


def _number_bytes(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
