"""The sections of a WebAssembly module: read without running or compiling it, and one added at the end."""

from collections.abc import Iterator

_PREFIX = 8
"""Bytes of the magic number and the version."""
_CUSTOM = 0
_MEMORIES = 5
_EXPORTS = 7
_LONGEST_NUMBER = 5
"""Bytes of an encoded 32-bit number at most."""


class CutOffError(Exception):
    """The bytes end where more must follow."""


def exported_names(wasm: bytes) -> list[str]:
    """The names of what a module exports, in its order; those up to the damage where it is damaged."""
    names: list[str] = []
    try:
        for kind, content in sections(wasm):
            if kind == _EXPORTS:
                names += _names(content)
    except CutOffError:
        pass
    return names


def declared_pages(wasm: bytes) -> int:
    """The pages of memory that a module starts with; 0 where there is none, or it cannot be reached."""
    try:
        for kind, content in sections(wasm):
            if kind == _MEMORIES:
                count, at = number(content, 0)
                # After one byte that says whether there is an upper limit.
                return number(content, at + 1)[0] if count else 0
    except CutOffError:
        pass
    return 0


def custom_section(wasm: bytes, name: str) -> bytes | None:
    """What the last custom section of that name holds; None where there is none, or it cannot be reached."""
    found = None
    try:
        for kind, content in sections(wasm):
            if kind == _CUSTOM:
                called, at = part(content, 0)
                if called == name.encode():
                    found = content[at:]
    except CutOffError:
        return None
    return found


def with_custom_section(wasm: bytes, name: str, content: bytes) -> bytes:
    """A module with a custom section more; custom sections change nothing of what it does."""
    called = name.encode()
    section = _number_bytes(len(called)) + called + content
    return wasm + bytes([_CUSTOM]) + _number_bytes(len(section)) + section


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and content of each section; `CutOffError` where one is damaged."""
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
        _, at = number(content, at + 1)  # after what kind of export it is


def part(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes that follow their number at `at`, and where they end; `CutOffError` where there are fewer."""
    length, at = number(data, at)
    if at + length > len(data):
        raise CutOffError
    return data[at : at + length], at + length


def number(data: bytes, at: int) -> tuple[int, int]:
    """The LEB128 number at `at`, and where it ends; `CutOffError` where it has no end."""
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_NUMBER]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise CutOffError


def _number_bytes(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
