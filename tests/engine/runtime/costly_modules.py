"""Valid modules that are slow or costly to compile."""

from collections.abc import Iterable

I32, LOOP, END, IF, BR_IF, GET, SET, LOAD, CONST, ADD = (
    b"\x7f",
    b"\x03",
    b"\x0b",
    b"\x04",
    b"\x0d",
    *(bytes([code]) for code in (0x20, 0x21, 0x28, 0x41, 0x6A)),
)
NOTHING = b"\x40"
FUNCTION, MEMORY = 0, 2


def slow_to_compile(branches: int, variables: int = 10_000) -> bytes:
    """A module with a function of many branches, each of which may set one of its local variables.

    Its cost grows with the product; 3,000 branches take seconds and half a gigabyte.
    """
    memory = CONST + b"\0" + LOAD + b"\2\0"
    unknown = b"".join(memory + SET + _number(n) for n in range(variables))
    body = b"".join(_branch(n, variables) for n in range(branches))
    loop = LOOP + NOTHING + body + memory + BR_IF + b"\0" + END
    return _module(b"\1" + _number(variables) + I32 + unknown + loop)


def large(size: int) -> bytes:
    """A module of at least `size` bytes that is cheap to compile."""
    return _module(b"\0" + b"\x01" * size)


def _branch(number: int, variables: int) -> bytes:
    tested, read, written = (_number(number * step % variables) for step in (1, 7, 13))
    return GET + tested + IF + NOTHING + GET + read + CONST + b"\1" + ADD + SET + written + END


def _module(function: bytes) -> bytes:
    """A module that passes every record, and has a further function of local variables and instructions."""
    types = _vector([b"\x60\0\1" + I32, b"\x60\1" + I32 + b"\1" + I32, b"\x60\0\0"])
    exports = _vector(
        [
            _named("memory", MEMORY, 0),
            _named("smartstream_abi", FUNCTION, 0),
            _named("smartstream_alloc", FUNCTION, 1),
            _named("smartstream_filter", FUNCTION, 2),
        ]
    )
    bodies = [b"\0" + CONST + b"\1", b"\0" + CONST + b"\x80\x08", b"\0" + GET + b"\0", function]
    sections = {
        1: types,
        3: _vector([b"\0", b"\1", b"\1", b"\2"]),
        5: _vector([b"\0\2"]),
        7: exports,
        10: _vector([_sized(body + END) for body in bodies]),
    }
    return b"\0asm\1\0\0\0" + b"".join(bytes([kind]) + _sized(part) for kind, part in sections.items())


def _named(name: str, kind: int, index: int) -> bytes:
    return _sized(name.encode()) + bytes([kind, index])


def _vector(items: Iterable[bytes]) -> bytes:
    listed = list(items)
    return _number(len(listed)) + b"".join(listed)


def _sized(content: bytes) -> bytes:
    return _number(len(content)) + content


def _number(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
