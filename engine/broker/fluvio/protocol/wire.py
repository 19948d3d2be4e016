"""Values as Fluvio's protocol writes them: big-endian numbers, and lengths before texts and lists."""

import struct
from collections.abc import Callable, Iterable
from typing import TypeVar

from engine.errors import BrokerError

T = TypeVar("T")

_NUMBERS = {
    name: struct.Struct(f">{code}")
    for name, code in {
        "u8": "B",
        "i16": "h",
        "u16": "H",
        "i32": "i",
        "u32": "I",
        "i64": "q",
        "u64": "Q",
    }.items()
}


class ProtocolError(BrokerError, code="fluvio-protocol"):
    """A message of the cluster is not what its protocol says."""


class Encoder:
    """Builds a message; every method returns the encoder."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def __bytes__(self) -> bytes:
        return bytes(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def number(self, kind: str, value: int) -> "Encoder":
        """`kind` is `u8`, `i16`, `u16`, `i32`, `u32`, `i64` or `u64`."""
        self._parts += _NUMBERS[kind].pack(value)
        return self

    def i16(self, value: int) -> "Encoder":
        return self.number("i16", value)

    def u32(self, value: int) -> "Encoder":
        return self.number("u32", value)

    def i32(self, value: int) -> "Encoder":
        return self.number("i32", value)

    def i64(self, value: int) -> "Encoder":
        return self.number("i64", value)

    def tag(self, value: int) -> "Encoder":
        """The number of a variant."""
        return self.number("u8", value)

    def boolean(self, value: bool) -> "Encoder":
        return self.number("u8", int(value))

    def text(self, value: str) -> "Encoder":
        encoded = value.encode()
        if len(encoded) > 0x7FFF:
            raise BrokerError(
                "a text is longer than 32,767 bytes, the most that Fluvio's protocol has room for"
            )
        return self.number("u16", len(encoded)).raw(encoded)

    def raw(self, content: bytes | bytearray | memoryview) -> "Encoder":
        """Bytes as they are, without their length."""
        self._parts += content
        return self

    def sized(self, content: bytes | bytearray | memoryview) -> "Encoder":
        """Bytes after their length."""
        return self.u32(len(content)).raw(content)

    def option(self, value: T | None, write: "Callable[[Encoder, T], object]") -> "Encoder":
        self.boolean(value is not None)
        if value is not None:
            write(self, value)
        return self

    def items(self, values: Iterable[T], write: "Callable[[Encoder, T], object]") -> "Encoder":
        listed = [*values]
        self.u32(len(listed))
        for value in listed:
            write(self, value)
        return self


class Decoder:
    """Reads a message from its start; `ProtocolError` where it ends too early."""

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self._content = memoryview(content)
        self._at = 0

    def raw(self, length: int) -> memoryview:
        """The next bytes, without copying them."""
        end = self._at + length
        if length < 0 or end > len(self._content):
            raise ProtocolError("the cluster sent a message that is too short")
        found = self._content[self._at : end]
        self._at = end
        return found

    def number(self, kind: str) -> int:
        one = _NUMBERS[kind]
        (value,) = one.unpack(self.raw(one.size))
        return int(value)

    def u8(self) -> int:
        return self.number("u8")

    def i16(self) -> int:
        return self.number("i16")

    def u16(self) -> int:
        return self.number("u16")

    def i32(self) -> int:
        return self.number("i32")

    def u32(self) -> int:
        return self.number("u32")

    def i64(self) -> int:
        return self.number("i64")

    def u64(self) -> int:
        return self.number("u64")

    def boolean(self) -> bool:
        return self.u8() != 0

    def text(self) -> str:
        return bytes(self.raw(max(self.i16(), 0))).decode(errors="replace")

    def sized(self) -> memoryview:
        """Bytes after their length."""
        return self.raw(self.u32())

    def varint(self) -> int:
        """A zigzag LEB128, as in records."""
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)

    def record_data(self) -> bytes:
        return bytes(self.raw(self.varint()))

    def option(self, read: "Callable[[Decoder], T]") -> T | None:
        return read(self) if self.boolean() else None

    def items(self, read: "Callable[[Decoder], T]") -> list[T]:
        return [read(self) for _ in range(self.u32())]

    def mapping(
        self, read_key: "Callable[[Decoder], T]", read: "Callable[[Decoder], object]"
    ) -> dict[T, object]:
        return {read_key(self): read(self) for _ in range(self.u16())}
